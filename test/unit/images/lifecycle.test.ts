import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConflictError, MachineError } from '../../../src/errors/errors.js';
import { localMachine } from '../../../src/host/local-machine.js';
import type { Machine } from '../../../src/host/machine.js';
import type { Context } from '../../../src/lifecycle/context.js';
import { saveNewCluster } from '../../../src/state/clusters.js';
import { sampleCluster } from '../../fakes/cluster.js';
import { removeUnfinishedTrees, unfinishedTrees } from '../../../src/images/unfinished.js';
import { listImages, pullImage, removeImage } from '../../../src/lifecycle/images.js';

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

test('an image that is there is not pulled again', async () => {
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
