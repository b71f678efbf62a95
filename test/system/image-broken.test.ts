import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import type net from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { run, type CommandOptions } from './world/command.js';
import type { Failure } from './world/failure.js';
import { writeLayout, type Entry, type LayoutSpec } from './world/layout.js';
import { dbns, keepMachineClean, startDbns } from './world/machine.js';
import {
  REGISTRY_PROGRAM,
  listen,
  startAnswering,
  startCutter,
  startRegistry,
  startStaller,
  type Guard,
  type Registry,
} from './world/registry.js';

// Images and registries that are not as they should be: each told as what it is, with nothing left, and nothing touched
// outside of an image's tree.

const IMAGES = '/var/lib/dbns/images';
const SCRATCH = '/var/tmp/image-broken';
const INSECURE = '--tls-verify=false';
const OUTSIDE = `${SCRATCH}/outside`;
const REF = process.env.DBNS_TEST_IMAGE ?? 'mariadb:10.11';
const OURS = process.arch === 'x64' ? 'amd64' : process.arch;
const OTHER = OURS === 'arm64' ? 'amd64' : 'arm64';

const here = REGISTRY_PROGRAM !== null;
let registry = {} as Registry;
/** A server, of the image under test. */
let program = Buffer.alloc(0);

beforeAll(async () => {
  if (!here) return;
  mkdirSync(OUTSIDE, { recursive: true });
  writeFileSync(`${OUTSIDE}/secret`, 'outside\n');
  writeFileSync('/etc/resolv.conf', 'nameserver 127.0.0.1\n');
  program = readFileSync(`${IMAGES}/${REF.replace(':', '/')}/root/usr/sbin/mariadbd`);
  // The world's own directory is below the machine's, which can't be written.
  await run(['umount', '--no-mtab', IMAGES]);
  registry = await startRegistry(`${SCRATCH}/registry`);
  await registry.push(
    lay('big', { layers: [[...USR, { name: 'usr/big', content: randomBytes(3_000_000) }]] }),
    'a/big:1',
  );
  await registry.push(lay('foreign', { layers: [USR], architecture: OTHER }), 'a/foreign:1');
});
afterAll(async () => {
  if (!here) return;
  await registry.stop();
  rmSync(SCRATCH, { recursive: true });
});
afterEach(() => {
  const left = treesLeft();
  rmSync(`${IMAGES}/odd`, { recursive: true, force: true });
  expect(left).toEqual([]);
});
keepMachineClean();

const USR: readonly Entry[] = [
  { name: 'usr', type: 'directory' },
  { name: 'usr/bin', type: 'directory' },
  { name: 'usr/bin/hello', content: Buffer.from('#!/bin/sh\n') },
];

/** The reference of a layout that is written so. */
function lay(name: string, spec: LayoutSpec): string {
  writeLayout(`${SCRATCH}/${name}`, spec);
  return `oci:${SCRATCH}/${name}:1`;
}

/** What there is below the images' directory: images that a test made, and what a pull left. */
function treesLeft(): readonly string[] {
  return readdirSync(IMAGES).flatMap((name) => readdirSync(`${IMAGES}/${name}`).map((version) => `${name}/${version}`));
}

async function pulled(reference: string): Promise<{ root: string; server: string | null }> {
  return (await dbns(['image', 'pull', reference, '--as', 'odd:1', '--json'])).json as {
    root: string;
    server: string | null;
  };
}

/** A pull that must fail; that nothing is left is looked at after each test. */
async function failureOf(reference: string, words: readonly string[] = [INSECURE], options: CommandOptions = {}) {
  const argv = ['image', 'pull', reference, '--as', 'odd:1', ...words, '--json'];
  const { exitCode, json } = await dbns(argv, { ...options, expectExit: 'any' });
  return { exitCode, ...(json as { error: Omit<Failure, 'exitCode'> }).error };
}

describe.skipIf(!here)('a layer', () => {
  const big: Entry = { name: 'usr/big', content: randomBytes(100_000) };
  const half = (layer: Buffer) => layer.subarray(0, layer.length / 2);
  const holed = (layer: Buffer) => Buffer.concat([layer.subarray(0, 5000), Buffer.alloc(100), layer.subarray(5100)]);

  test.each<[string, LayoutSpec]>([
    ['that is cut off', { layers: [[...USR, big]], damage: half }],
    ['of which a part is not what it was', { layers: [[...USR, big]], damage: holed }],
    ['that is no archive', { layers: [USR], damage: () => Buffer.from('<html>Log in, please.</html>') }],
    ['that puts a file below a file', { layers: [[...USR, { name: 'usr/bin/hello/x' }]] }],
    [
      'that links to a file that it does not have',
      { layers: [[...USR, { name: 'h', type: 'hard link', to: 'none' }]] },
    ],
  ])('%s is told as broken, whatever the reason', async (_, spec) => {
    const reference = lay('broken', spec);
    const { exitCode, message, suggestions } = await failureOf(reference);
    expect(message).toMatch(new RegExp(`^A layer of ${reference} can't be unpacked: .+\\.\\numoci said:`));
    expect(exitCode).toBe(3);
    expect(suggestions[0]).toMatch(/skopeo copy/);
    rmSync(`${SCRATCH}/broken`, { recursive: true });
  });

  test('that names, links to or removes what is outside of its tree stays in it', async () => {
    const up = '../'.repeat(12).slice(0, -1);
    const link: Entry = { name: 'out', type: 'link', to: OUTSIDE };
    const layers: readonly (readonly Entry[])[] = [
      [...USR, link, { name: `${up}${OUTSIDE}/evil1` }, { name: `${OUTSIDE}/evil2` }, { name: 'out/evil3' }],
      [{ name: 'out/evil4' }, { name: 'out/.wh.secret' }, { name: 'usr/null', type: 'device' }],
      [link, { name: 'out/.wh..wh..opq' }, { name: 'soft', type: 'link', to: `${OUTSIDE}/secret` }],
      [{ name: 'hard', type: 'hard link', to: 'soft' }],
    ];
    const { root } = await pulled(lay('hostile', { layers }));
    expect(lstatSync(`${root}/usr/null`).isFile()).toBe(true);
    expect(lstatSync(`${root}/hard`).isSymbolicLink()).toBe(true);
    for (const [index, to] of [`${OUTSIDE}/secret`, `${up}${OUTSIDE}/secret`].entries()) {
      const reference = lay(`hard${index}`, { layers: [[...USR, { name: 'hard', type: 'hard link', to }]] });
      expect((await failureOf(reference, ['--force', INSECURE])).message).toMatch(/^A layer of \S+ can't be unpacked/);
    }
    expect(readdirSync(OUTSIDE)).toEqual(['secret']);
    expect(lstatSync(`${OUTSIDE}/secret`).nlink).toBe(1);
    expect(readFileSync(`${OUTSIDE}/secret`, 'utf8')).toBe('outside\n');
    await dbns(['image', 'remove', 'odd:1']);
  });
});

describe.skipIf(!here)('an image', () => {
  test.each(['registry', 'layout'])('of another architecture is refused before it is copied: %s', async (from) => {
    const reference = from === 'registry' ? `docker://${registry.place}/a/foreign:1` : `oci:${SCRATCH}/foreign:1`;
    const failure = await failureOf(reference);
    expect(failure).toMatchObject({
      exitCode: 3,
      message: `${reference} is made for ${OTHER}, not for ${OURS} like this one.`,
    });
    expect(failure.suggestions.join('\n')).toContain(OURS);
  });

  test('of another system is refused', async () => {
    const reference = lay('windows', { layers: [USR], os: 'windows' });
    expect(await failureOf(reference)).toMatchObject({
      exitCode: 3,
      message: `${reference} is made for windows on ${OURS}, not for linux on ${OURS} like this one.`,
    });
  });

  test('whose /etc is a link is told so', async () => {
    const etc: Entry = { name: 'etc', type: 'link', to: '/private/etc' };
    const { exitCode, message } = await failureOf(lay('linked', { layers: [[...USR, etc]] }));
    expect({ exitCode, message }).toEqual({
      exitCode: 3,
      message: 'The /etc of this image is a link to /private/etc, and no directory: no server runs in such a tree.',
    });
  });

  test('with absolute links has its server: they lead where they lead in there', async () => {
    const layers: readonly (readonly Entry[])[] = [
      [
        { name: 'opt/db/real', content: program },
        { name: 'usr/sbin', type: 'link', to: '/opt/db/links' },
        { name: 'opt/db/links/mariadbd', type: 'link', to: '/opt/db/real' },
      ],
    ];
    const { root } = await pulled(lay('absolute', { layers }));
    expect(lstatSync(`${root}/usr/sbin`).isSymbolicLink()).toBe(true);
    // Its libraries are not there, and the loader says so: it was found, and started in its own tree.
    const { exitCode, json } = await dbns(['pxc', 'create', '--image', 'odd:1', '--json'], { expectExit: 'any' });
    expect(exitCode).toBe(3);
    expect((json as { error: Failure }).error.message).toMatch(
      /^\/usr\/sbin\/mariadbd of the image odd:1 is no server/,
    );
    await dbns(['image', 'remove', 'odd:1']);
  });
});

describe.skipIf(!here)('a registry that', () => {
  const guards: Guard[] = [];
  const kept = (guard: Guard) => {
    guards.push(guard);
    return guard.place;
  };
  afterEach(() => {
    for (const guard of guards.splice(0)) guard.stop();
  });
  const answering = async (answer: RequestListener) => `docker://${kept(await startAnswering(registry, answer))}/a/b:1`;

  test('says nothing more in the middle of a layer is given up', async () => {
    const place = kept(await startStaller(registry));
    const { exitCode, message } = await failureOf(`docker://${place}/a/big:1`, ['--timeout', '2s', INSECURE]);
    expect(message).toMatch(
      new RegExp(`^The registry of ${place}/a/big gave nothing for 2 s, after \\d MB of 4 MB\\.$`),
    );
    expect(exitCode).toBe(3);
  });

  test('says nothing at all is given up', async () => {
    const silent = http.createServer(() => undefined);
    const place = await listen(silent);
    const { exitCode, message } = await failureOf(`docker://${place}/a/big:1`, ['--timeout', '2s', INSECURE]);
    expect(message).toMatch(`The registry of ${place}/a/big gave nothing for 2 s.`);
    expect(exitCode).toBe(3);
    silent.closeAllConnections();
    silent.close();
  });

  test('hangs up in the middle of a layer', async () => {
    const place = kept(await startCutter(registry));
    const { exitCode, message } = await failureOf(`docker://${place}/a/big:1`);
    expect(message).toMatch(new RegExp(`^The registry of ${place}/a/big broke off in the middle of a layer: `));
    expect(exitCode).toBe(3);
  });

  test.each<[string, RegExp, RequestListener]>([
    [
      'is not well',
      /^The registry of \S+ is not well: it answers 503 Service Unavailable\./,
      (_, to) => to.writeHead(503).end(),
    ],
    ['is none', /^What answers at 127\.0\.0\.1:\d+ is no registry: /, (_, to) => to.end('<html>Log in</html>')],
    ['forbids', /^The registry does not let this machine have \S+, or has no such image\./, denied],
    [
      'has enough',
      /^The registry of \S+ gives no more to this address for now\./,
      (_, to) => to.writeHead(429, { 'retry-after': '0' }).end(),
    ],
  ])('%s', async (_, sentence, answer) => {
    const { exitCode, message } = await failureOf(await answering(answer));
    expect(message).toMatch(sentence);
    expect(exitCode).toBe(3);
  });

  test('has a name that nobody knows', async () => {
    const { exitCode, message, suggestions } = await failureOf('docker://registry.invalid/a/b:1');
    expect(message).toMatch(/^The name registry\.invalid can't be resolved: /);
    expect(exitCode).toBe(3);
    expect(suggestions[0]).toBe('getent hosts registry.invalid');
  });

  test.each<[string, RegExp, string]>([
    ['is not there', /^The proxy can't be reached: .*connection refused/, ''],
    ['wants a login', /^The proxy wants a login\./, 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'],
    [
      'forbids',
      /^The proxy does not lead to registry\.invalid: it answers Forbidden\./,
      'HTTP/1.1 403 Forbidden\r\n\r\n',
    ],
  ])('is behind a proxy that %s', async (_, sentence, answer) => {
    const proxy = http.createServer().on('connect', (__, socket: net.Socket) => socket.end(answer));
    const place = answer === '' ? '127.0.0.1:9' : await listen(proxy);
    const env = { HTTPS_PROXY: `http://${place}` };
    const { exitCode, message } = await failureOf('docker://registry.invalid/a/b:1', [], { env });
    expect(message).toMatch(sentence);
    expect(exitCode).toBe(3);
    proxy.close();
  });

  test('says nothing more, and Ctrl-C meanwhile', async () => {
    const place = kept(await startStaller(registry));
    const argv = ['image', 'pull', `docker://${place}/a/big:1`, '--as', 'odd:1', INSECURE];
    const { child, result } = startDbns(argv, { expectExit: 'any' });
    await expect.poll(() => existsSync(`${IMAGES}/odd/.1.partial/layout`)).toBe(true);
    child.kill('SIGINT');
    expect((await result).exitCode).toBe(130);
  });
});

function denied(request: http.IncomingMessage, response: http.ServerResponse): void {
  if (request.url === '/v2/') response.end('{}');
  else response.writeHead(403).end(JSON.stringify({ errors: [{ code: 'DENIED', message: 'access is denied' }] }));
}
