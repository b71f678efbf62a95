import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MachineError } from '../../src/errors/errors.js';
import { localMachine } from '../../src/host/local-machine.js';
import type { Machine } from '../../src/host/machine.js';
import type { PullOptions } from '../../src/images/pull-options.js';
import { pullImage } from '../../src/images/pull.js';
import { removeUnfinishedTrees, unfinishedTrees } from '../../src/images/unfinished.js';
import { run, start, type RunningCommand } from './world/command.js';
import { expectSameMachine, snapshot } from './world/machine.js';

// What a mirror can do wrong, without a network; that pulls succeed is tested in image-pull-real.test.ts.

const DRIVER = fileURLToPath(new URL('./image-pull.mjs', import.meta.url));
const REF = 'mariadb:10.11';
const WANTED = { ref: REF, from: null };

let state = '';
let machine: Machine = localMachine;
let before = '';
let servers: net.Server[] = [];
beforeEach(async () => {
  state = mkdtempSync('/var/tmp/image-pull-');
  machine = { ...localMachine, roots: { ...localMachine.roots, state } };
  before = await snapshot();
});
afterEach(async () => {
  for (const server of servers) server.close();
  servers = [];
  expectSameMachine(before, await snapshot());
  rmSync(state, { recursive: true });
});

/** The mirror's URI. */
async function serve(server: net.Server): Promise<string> {
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/debian`;
}

/** A mirror that takes connections and says nothing. */
const hanging = () => serve(net.createServer((socket) => socket.on('error', () => undefined)));

const answering = (answer: http.RequestListener) => serve(http.createServer(answer));

async function failureOf(options: PullOptions): Promise<MachineError> {
  const failure: unknown = await pullImage(machine, WANTED, options).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(MachineError);
  return failure as MachineError;
}

/** Names below the images' directory; an empty directory for the name is all that may stay. */
function treesLeft(): string[] {
  const family = path.join(state, 'images/mariadb');
  return existsSync(family) ? readdirSync(family) : [];
}

test('on a terminal, a pull that fails tells why and ends', async () => {
  const program = path.resolve(import.meta.dirname, '../../bin/run.js');
  const line = `stty cols 120; ${program} image pull ${REF} --mirror http://127.0.0.1:9/`;
  // Without the machine's images, which a world sees.
  const alone = 'mountpoint -q /var/lib/dbns/images && umount /var/lib/dbns/images; exec script -qec "$0" /dev/null';
  const argv = ['unshare', '--mount', 'sh', '-c', alone, line];
  const { stdout } = await run(argv, { expectExit: 3 });
  expect(stdout).toContain('✖');
  expect(stdout).toContain("Error: The mirror can't be reached: http://127.0.0.1:9/");
});

describe('a mirror', () => {
  test('where nothing listens', async () => {
    const server = net.createServer();
    const mirror = await serve(server);
    server.close();
    const { message } = await failureOf({ mirror });
    expect(message).toMatch(/^The mirror can't be reached: http:\/\/127\.0\.0\.1:\d+\/.*Connection refused/);
    expect(message).toContain('mmdebstrap said:');
    expect(treesLeft()).toEqual([]);
  });

  test('that does not have the suite', async () => {
    const mirror = await answering((_, response) => response.writeHead(404).end());
    const { message } = await failureOf({ mirror });
    expect(message).toMatch(/^There is no suite bookworm at http:\S+\/debian, which --mirror names\./);
    expect(treesLeft()).toEqual([]);
  });

  test('that ends in the middle', async () => {
    const mirror = await answering((_, response) => {
      response.writeHead(200, { 'content-length': 100_000 });
      response.write('-----BEGIN PGP SIGNED MESSAGE-----\n', () => response.destroy());
    });
    expect((await failureOf({ mirror })).message).toMatch(/^The mirror gave something broken or cut off:/);
    expect(treesLeft()).toEqual([]);
  });

  test('that is the page of a portal', async () => {
    const mirror = await answering((_, response) => response.end('<html>Log in, please.</html>'));
    expect((await failureOf({ mirror })).message).toMatch(/^The mirror gave something broken or cut off:/);
    expect(treesLeft()).toEqual([]);
  });

  test('that hangs, and is given up', async () => {
    expect((await failureOf({ mirror: await hanging() })).message).toMatch(/^The mirror can't be reached:/);
    expect(treesLeft()).toEqual([]);
  });
});

describe('a machine', () => {
  test('with too little space is told before anything is fetched', async () => {
    const images = path.join(state, 'images');
    mkdirSync(images);
    await run(['mount', '--no-mtab', '-t', 'tmpfs', '-o', 'size=100M', 'tmpfs', images]);
    try {
      const { message } = await failureOf({ mirror: 'http://127.0.0.1:9/debian' });
      expect(message).toMatch(/^Pulling mariadb:10\.11 takes 800 MB; on the disk of \S+ 1\d\d MB are free\.$/);
      expect(treesLeft()).toEqual([]);
    } finally {
      await run(['umount', '--no-mtab', images]);
    }
  });

  test.each(['mmdebstrap', 'bwrap'])('without %s is told what to install', async (missing) => {
    const poor = { ...machine, which: (program: string) => (program === missing ? null : machine.which(program)) };
    await expect(pullImage(poor, WANTED)).rejects.toThrow(`dbns needs '${missing}'`);
    expect(readdirSync(state)).toEqual([]);
  });
});

describe('while a mirror hangs', () => {
  let mirror = '';
  beforeEach(async () => {
    mirror = await hanging();
  });

  /** A pull in a process of its own. */
  function pull(): RunningCommand {
    return start([process.execPath, DRIVER, state, REF, JSON.stringify({ mirror })], { expectExit: 'any' });
  }

  const partial = () => path.join(state, 'images/mariadb/.10.11.partial');
  const isFetching = () => existsSync(path.join(partial(), 'root/var/lib/apt/lists/partial'));

  test('an abort ends the pull at once and leaves nothing', async () => {
    const { child, result } = pull();
    await expect.poll(isFetching).toBe(true);
    child.kill('SIGINT');
    expect((await result).stdout).toMatch(/undefined: aborted\n$/);
    expect(treesLeft()).toEqual([]);
  });

  test('kill -9 leaves a directory at most, which the next pull removes', async () => {
    const { child, result } = pull();
    await expect.poll(isFetching).toBe(true);
    child.kill('SIGKILL');
    expect((await result).exitCode).toBe(137);
    await expect.poll(() => processesNaming(state)).toEqual([]);
    expect(treesLeft()).toEqual(['.10.11.partial']);
    expect(await unfinishedTrees(machine)).toEqual([partial()]);
    const broken = await answering((_, response) => response.writeHead(404).end());
    await failureOf({ mirror: broken });
    expect(treesLeft()).toEqual([]);
  });

  test('a second pull waits for the first, and can be aborted meanwhile', async () => {
    const first = pull();
    await expect.poll(isFetching).toBe(true);
    const second = pull();
    let said = '';
    second.child.stdout?.on('data', (text: string) => (said += text));
    await expect.poll(() => said).toContain('waiting for another pull');
    second.child.kill('SIGINT');
    expect((await second.result).stdout).toMatch(/aborted\n$/);
    expect(await unfinishedTrees(machine)).toEqual([]);
    await removeUnfinishedTrees(machine);
    expect(isFetching()).toBe(true);
    first.child.kill('SIGINT');
    await first.result;
    expect(treesLeft()).toEqual([]);
  });
});

function processesNaming(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    });
}
