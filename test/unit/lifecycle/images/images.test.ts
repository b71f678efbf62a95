import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConflictError, MachineError } from '../../../../src/errors/errors.js';
import { localMachine } from '../../../../src/host/local-machine.js';
import type { Machine } from '../../../../src/host/machine.js';
import type { Context } from '../../../../src/lifecycle/context.js';
import { saveNewCluster } from '../../../../src/state/clusters.js';
import { mysqldKind } from '../../../../src/servers/mysqld/part.js';
import { loadServer, saveServer } from '../../../../src/state/servers.js';
import { MARIADB, sampleCluster } from '../../../fakes/cluster.js';
import { removeUnfinishedTrees, unfinishedTrees } from '../../../../src/images/unfinished.js';
import { listImages, pullImage, removeImage } from '../../../../src/lifecycle/images/images.js';
import { findPrunable, pruneImages } from '../../../../src/lifecycle/images/prune.js';

const REF = 'mariadb:10.11';

function contextOf(machine: Machine): Context {
  return { machine, observer: {}, signal: new AbortController().signal };
}

let state = '';
let machine: Machine = localMachine;
beforeEach(() => {
  state = mkdtempSync(path.join(os.tmpdir(), 'dbns-images-'));
  machine = { ...localMachine, isRoot: true, roots: { ...localMachine.roots, state } };
  mkdirSync(path.join(state, 'clusters'));
  const directory = path.join(state, 'images/mariadb/10.11');
  mkdirSync(path.join(directory, 'root'), { recursive: true });
  const record = {
    format: 1,
    ref: REF,
    build: 'c0ffee',
    from: 'a test',
    createdAt: '2026-01-01T00:00:00.000Z',
    sizeBytes: 7,
  };
  writeFileSync(path.join(directory, 'image.json'), JSON.stringify(record));
});
afterEach(() => {
  rmSync(state, { recursive: true });
});

test('an image is listed with who uses it', async () => {
  await saveNewCluster(machine, sampleCluster(), [], 'secret');
  const images = await listImages(machine);
  expect(images.map(({ ref, usedBy }) => ({ ref, usedBy }))).toEqual([{ ref: REF, usedBy: ['east'] }]);
});

test('an image in use is neither removed nor replaced', async () => {
  await saveNewCluster(machine, sampleCluster(), [], 'secret');
  await expect(removeImage(machine, REF)).rejects.toBeInstanceOf(ConflictError);
  await expect(pullImage(REF, contextOf(machine), { force: true })).rejects.toThrow(/in use by east/);
  expect(readdirSync(path.join(state, 'images/mariadb'))).toEqual(['10.11']);
});

test('an image from elsewhere has the name: both are told, and what to do', async () => {
  const context = contextOf(machine);
  const failure = await pullImage('docker://host/mariadb:10.11', context).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ConflictError);
  expect(failure).toMatchObject({
    message: `There is an image ${REF} already, from a test; this one is from docker://host/mariadb:10.11.`,
    suggestions: [
      'dbns image pull docker://host/mariadb:10.11 --as NAME:VERSION',
      `dbns image pull docker://host/mariadb:10.11 --as ${REF} --force (replaces it)`,
    ],
  });
});

test('a damaged image can be removed', async () => {
  writeFileSync(path.join(state, 'images/mariadb/10.11/image.json'), 'x');
  await removeImage(machine, REF);
  expect(readdirSync(path.join(state, 'images/mariadb'))).toEqual([]);
});

test('an image that is there is not pulled again', async () => {
  await saveServer(machine, 'c0ffee', mysqldKind, MARIADB);
  const idle = { ...machine, run: () => Promise.reject(new Error('ran something')) };
  expect((await pullImage(REF, contextOf(idle))).build).toBe('c0ffee');
});

test('root is needed to change images, and not to list them', async () => {
  const user = { ...machine, isRoot: false };
  await expect(pullImage(REF, contextOf(user))).rejects.toBeInstanceOf(MachineError);
  await expect(removeImage(user, REF)).rejects.toBeInstanceOf(MachineError);
  expect(await listImages(user)).toHaveLength(1);
});

test('what a killed pull left is found and removed', async () => {
  const left = path.join(state, 'images/mariadb/.11.8.partial');
  mkdirSync(left);
  expect(await unfinishedTrees(machine)).toEqual([left]);
  await removeUnfinishedTrees(machine);
  expect(await unfinishedTrees(machine)).toEqual([]);
  expect(readdirSync(path.join(state, 'images/mariadb'))).toEqual(['10.11']);
});

test('what an earlier dbns asked says which server an image has, and is asked again for what is looked for since', async () => {
  await saveServer(machine, 'c0ffee', { name: 'mysqld', roles: ['server'] }, MARIADB);
  expect((await listImages(machine)).map(({ server }) => server)).toEqual(['mariadb 10.11.19']);
  expect(loadServer(machine, 'c0ffee', mysqldKind)).toBeNull();
  writeFileSync(path.join(state, 'servers/c0ffee.mysqld.json'), JSON.stringify({ version: 1, server: MARIADB }));
  expect(loadServer(machine, 'c0ffee', mysqldKind)).toBeNull();
  await saveServer(machine, 'c0ffee', mysqldKind, MARIADB);
  expect(loadServer(machine, 'c0ffee', mysqldKind)).toEqual(MARIADB);
});

describe('prune', () => {
  const names = (directory: string) => readdirSync(path.join(state, directory));

  beforeEach(async () => {
    for (const [name, build] of Object.entries({ used: 'c0ffee', gone: 'dead', '.draft-x': 'dead' })) {
      mkdirSync(path.join(state, 'pristine', name), { recursive: true });
      writeFileSync(path.join(state, 'pristine', name, 'image-build'), build);
    }
    for (const build of ['c0ffee', 'dead']) await saveServer(machine, build, mysqldKind, MARIADB);
    mkdirSync(path.join(state, 'images/mariadb/.11.8.partial'));
  });

  test('keeps what a cluster uses', async () => {
    await saveNewCluster(machine, sampleCluster(), [], 'secret');
    const { images, pristineDirectories } = await pruneImages(machine);
    expect({ images, pristineDirectories }).toEqual({ images: [], pristineDirectories: [`${state}/pristine/gone`] });
    expect(names('images/mariadb')).toEqual(['10.11']);
    expect(names('pristine')).toEqual(['.draft-x', 'used']);
    expect(names('servers')).toEqual(['c0ffee.mysqld.json']);
  });

  test('removes the rest, as much as it said before', async () => {
    const said = await findPrunable(machine);
    expect(said.images).toEqual([REF]);
    expect(said.bytes).toBeGreaterThan(7);
    expect(await pruneImages(machine)).toEqual(said);
    expect(names('images/mariadb')).toEqual([]);
    expect(names('pristine')).toEqual(['.draft-x']);
    expect(names('servers')).toEqual([]);
    expect(await pruneImages(machine)).toEqual({ images: [], pristineDirectories: [], bytes: 0 });
  });

  test('needs root', async () => {
    await expect(findPrunable({ ...machine, isRoot: false })).rejects.toBeInstanceOf(MachineError);
    await expect(pruneImages({ ...machine, isRoot: false })).rejects.toBeInstanceOf(MachineError);
  });
});
