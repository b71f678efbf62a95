import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { run, type CommandOptions } from './world/command.js';
import type { Failure } from './world/failure.js';
import { dbns, keepMachineClean, startDbns } from './world/machine.js';
import {
  REGISTRY_PROGRAM,
  blobFile,
  listen,
  startGuard,
  startRegistry,
  startStaller,
  type Registry,
} from './world/registry.js';

// Images of containers, from a real registry on loopback; the image is packed from the one under test.

const IMAGES = '/var/lib/dbns/images';
const SCRATCH = '/var/tmp/image-oci';
const REF = process.env.DBNS_TEST_IMAGE ?? 'mariadb:10.11';
const INSECURE = '--tls-verify=false';
const OUTSIDE = `${SCRATCH}/outside`;

interface Pulled {
  readonly ref: string;
  readonly build: string;
  readonly server: string | null;
  readonly digest: string | null;
  readonly from: string;
  readonly root: string;
  readonly sizeBytes: number;
  readonly usedBy: readonly string[];
}

const here = REGISTRY_PROGRAM !== null;
let registry = {} as Registry;
const digests: Record<string, string> = {};

beforeAll(async () => {
  if (!here) return;
  mkdirSync(SCRATCH);
  await pack('server', await server());
  await pack('small', small());
  await pack('hostile', hostile());
  await pack('linked', linked());
  await pack('zeros', zeros());
  registry = await startRegistry(`${SCRATCH}/registry`);
  for (const name of ['server', 'small', 'hostile', 'linked', 'zeros'])
    await registry.push(layout(name), `test/${name}:1`);
  await registry.push(layout('small'), 'test/small:latest');
  // Without this names are looked for at a server that does not answer.
  writeFileSync('/etc/resolv.conf', 'nameserver 127.0.0.1\n');
  // The world's own directory is below the machine's, which can't be written.
  await run(['umount', '--no-mtab', IMAGES]);
});
afterAll(async () => {
  if (!here) return;
  await registry.stop();
  rmSync(SCRATCH, { recursive: true });
});
afterEach(() => {
  expect(treesLeft().filter((name) => name.includes('/.'))).toEqual([]);
  for (const name of ['galera', 'small', 'zeros', 'hostile', 'linked'])
    rmSync(`${IMAGES}/${name}`, { recursive: true, force: true });
});
keepMachineClean();
beforeAll(() => {
  rmSync('/var/lib/dbns/pristine', { recursive: true, force: true }); // what is pruned is counted
});

/** Packs a directory as an image. */
async function pack(name: string, root: string): Promise<void> {
  const image = `${SCRATCH}/${name}:1`;
  await run(['umoci', 'init', '--layout', `${SCRATCH}/${name}`]);
  await run(['umoci', 'new', '--image', image]);
  await run(['umoci', 'insert', '--image', image, root, '/']);
  const index = JSON.parse(readFileSync(`${SCRATCH}/${name}/index.json`, 'utf8')) as {
    manifests: readonly { readonly digest: string }[];
  };
  digests[name] = index.manifests[0]?.digest ?? '';
}

const layout = (name: string) => `oci:${SCRATCH}/${name}:1`;
const tree = (name: string, ...below: string[]) => path.join(SCRATCH, `${name}.tree`, ...below);
const remote = (name: string) => `docker://${registry.place}/test/${name}`;

/** A copy: umoci changes the modes of what it packs for a moment, which the world can't. */
async function server(): Promise<string> {
  await run(['cp', '--archive', '--reflink=auto', `${IMAGES}/${REF.replace(':', '/')}/root`, tree('server')]);
  return tree('server');
}

function small(): string {
  mkdirSync(tree('small', 'usr/bin'), { recursive: true });
  writeFileSync(tree('small', 'usr/bin/hello'), '#!/bin/sh\n', { mode: 0o755 });
  return tree('small');
}

/** What would take something over, were it unpacked as it is. */
function hostile(): string {
  const root = tree('hostile');
  mkdirSync(`${root}/etc`, { recursive: true });
  mkdirSync(`${root}/usr/bin`, { recursive: true });
  mkdirSync(OUTSIDE);
  for (const name of ['passwd', 'hosts']) writeFileSync(`${OUTSIDE}/${name}`, 'outside\n');
  for (const name of ['passwd', 'passwd.new']) symlinkSync(`${OUTSIDE}/passwd`, `${root}/etc/${name}`);
  return root;
}

function linked(): string {
  mkdirSync(tree('linked'));
  symlinkSync(OUTSIDE, tree('linked', 'etc'));
  return tree('linked');
}

/** Small when compressed, and too big for a disk that has room for a hundred times that. */
function zeros(): string {
  mkdirSync(tree('zeros'));
  writeFileSync(tree('zeros', 'zeros'), Buffer.alloc(1));
  truncateSync(tree('zeros', 'zeros'), 100_000_000);
  return tree('zeros');
}

function treesLeft(): readonly string[] {
  return readdirSync(IMAGES).flatMap((name) => readdirSync(`${IMAGES}/${name}`).map((version) => `${name}/${version}`));
}

async function pull(reference: string, ...words: string[]): Promise<Pulled> {
  return (await dbns(['image', 'pull', reference, INSECURE, ...words, '--json'])).json as Pulled;
}

async function list(): Promise<readonly Pulled[]> {
  return ((await dbns(['image', 'list', '--json'])).json as { images: readonly Pulled[] }).images;
}

async function failureOf(words: readonly string[], options: CommandOptions = {}): Promise<Failure> {
  const { exitCode, json } = await dbns([...words, '--json'], { ...options, expectExit: 'any' });
  return { exitCode, ...(json as { error: Omit<Failure, 'exitCode'> }).error };
}

/** A pull that must fail, and leave nothing. */
async function failedPull(reference: string, words: readonly string[] = [INSECURE], options?: CommandOptions) {
  const before = treesLeft();
  const failure = await failureOf(['image', 'pull', reference, ...words], options);
  expect(treesLeft()).toEqual(before);
  return failure;
}

describe.skipIf(!here)(`a registry on loopback${here ? '' : ' (docker-registry is not here)'}`, () => {
  test('gives an image of a server, of which a cluster is made', async () => {
    const image = await pull(`${remote('server')}:1`, '--as', 'galera:1');
    expect(image).toMatchObject({ ref: 'galera:1', digest: digests.server, from: `${remote('server')}:1` });
    expect(image.server).toMatch(/^mariadb \d+\.\d+\.\d+$/);
    await dbns(['pxc', 'create', 'east', '--nodes', '1', '--image', 'galera:1']);
    expect(await list()).toMatchObject([{ ref: 'galera:1', server: image.server, usedBy: ['east'] }]);
    expect((await dbns(['image', 'list'])).stdout).toContain(digests.server?.slice(0, 19));
    for (const words of [
      ['image', 'remove', 'galera:1'],
      ['image', 'pull', `${remote('server')}:1`, '--as', 'galera:1', '--force'],
    ])
      expect(await failureOf(words)).toMatchObject({
        exitCode: 5,
        message: 'The image galera:1 is in use by east.',
        suggestions: ['dbns destroy east'],
      });
    expect((await dbns(['image', 'prune', '--yes'])).stdout).toBe('Removed: nothing\n');
    await dbns(['destroy', 'east']);
    await dbns(['image', 'remove', 'galera:1']);
    expect(treesLeft()).toEqual([]);
  });

  test('gives two that pull at once the same image: one pulls, the other waits', async () => {
    const both = [1, 2].map(() =>
      dbns(['image', 'pull', `${remote('server')}:1`, INSECURE, '--as', 'galera:1', '--json']),
    );
    const results = await Promise.all(both);
    const [first, second] = results.map(({ json }) => json as Pulled);
    expect(first?.build).toBe(second?.build);
    expect(results.filter(({ stderr }) => stderr.includes('copying'))).toHaveLength(1);
    expect(results.filter(({ stderr }) => stderr.includes('waiting for another pull'))).toHaveLength(1);
  });

  test('gives an image by name, by tag and by digest', async () => {
    expect(await pull(remote('small'))).toMatchObject({ ref: 'small:latest', digest: digests.small, server: null });
    expect(await pull(`${remote('small')}:1`)).toMatchObject({ ref: 'small:1', digest: digests.small });
    const byDigest = `${remote('small')}@${digests.small}`;
    expect(await pull(byDigest)).toMatchObject({
      ref: `small:${digests.small?.slice(7, 19)}`,
      digest: digests.small,
      from: byDigest,
    });
    expect(await pull(`${remote('small')}:8@${digests.small}`)).toMatchObject({
      ref: 'small:8',
      digest: digests.small,
    });
    expect(await list()).toHaveLength(4);
  });

  test('gives of a list the image for this machine', async () => {
    const ours = process.arch === 'x64' ? 'amd64' : process.arch;
    await pushList('all', [ours, 'riscv64']);
    expect((await pull(`${remote('small')}:all`)).digest).not.toBe(digests.small);
    await pushList('others', ['riscv64']);
    expect(await failedPull(`${remote('small')}:others`)).toMatchObject({
      exitCode: 3,
      message: `${remote('small')}:others is made for riscv64, not for ${ours} like this one.`,
    });
  });

  async function pushList(tag: string, architectures: readonly string[]): Promise<void> {
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const manifest = readFileSync(blobFile(registry, digests.small ?? ''), 'utf8');
    const manifests = architectures.map((architecture) => ({
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: digests.small,
      size: manifest.length,
      platform: { os: 'linux', architecture },
    }));
    const answer = await fetch(`http://${registry.place}/v2/test/small/manifests/${tag}`, {
      method: 'PUT',
      headers: { 'content-type': mediaType },
      body: JSON.stringify({ schemaVersion: 2, mediaType, manifests }),
    });
    expect(answer.status).toBe(201);
  }

  test('gives it again by --force from where it came, also when it is damaged', async () => {
    const first = await pull(`${remote('small')}:1`);
    expect((await pull('small:1')).build).toBe(first.build);
    const second = await pull('small:1', '--force');
    expect(second).toMatchObject({ digest: first.digest, from: first.from });
    expect(second.build).not.toBe(first.build);
    writeFileSync(`${IMAGES}/small/1/image.json`, 'x');
    // It is not listed, and hides no other; doctor tells what to do.
    expect(await list()).toEqual([]);
    await pull(`${remote('small')}:1`, '--force');
    expect(await list()).toHaveLength(1);
  });

  test('gives no other image for a name that is taken', async () => {
    await pull(`${remote('small')}:1`);
    const { exitCode, message, suggestions } = await failedPull(remote('small'), ['--as', 'small:1']);
    expect(exitCode).toBe(5);
    expect(message).toBe(
      `There is an image small:1 already, from ${remote('small')}:1; this one is from ${remote('small')}.`,
    );
    expect(suggestions[0]).toContain('--as NAME:VERSION');
  });
});

describe.skipIf(!here)('an image', () => {
  test('comes from a layout, and from an archive', async () => {
    expect(await pull(layout('small'))).toMatchObject({ ref: 'small:1', digest: digests.small });
    const archive = `${SCRATCH}/archive.tar`;
    await run(['skopeo', 'copy', '--quiet', layout('small'), `docker-archive:${archive}:test/small:3`]);
    await run(['xz', '--keep', archive]);
    for (const [index, file] of [archive, `${archive}.xz`].entries()) {
      const { root } = await pull(`docker-archive:${file}`, '--as', `small:archive${index}`);
      expect(readFileSync(`${root}/usr/bin/hello`, 'utf8')).toBe('#!/bin/sh\n');
    }
    expect(await pull(`docker-archive:${archive}:test/small:3`)).toMatchObject({ ref: 'small:3' });
    for (const missing of [`oci:${SCRATCH}/small:7`, `oci:${SCRATCH}/none:1`, `docker-archive:${SCRATCH}/none.tar`])
      expect(await failedPull(missing)).toMatchObject({ exitCode: 4 });
  });

  test('writes nothing outside of its tree, and gives nobody power', async () => {
    const root = tree('hostile');
    await run(['cp', '/bin/true', `${root}/usr/bin/suid`]);
    await run(['chmod', '6777', `${root}/usr/bin/suid`]);
    await run(['mknod', '-m', '666', `${root}/usr/disk`, 'b', '7', '0']);
    await run(['umoci', 'insert', '--image', `${SCRATCH}/hostile:1`, `${root}/usr`, '/usr']);
    const image = await pull(layout('hostile'));
    expect(lstatSync(`${image.root}/usr/bin/suid`).mode & 0o7777).toBe(0o775);
    expect(lstatSync(`${image.root}/usr/disk`).isBlockDevice()).toBe(false);
    expect(lstatSync(`${image.root}/etc/passwd`).isFile()).toBe(true);
    expect((await failedPull(layout('linked'))).message).toMatch(/^The \/etc of this image is a link to /);
    expect(readdirSync(OUTSIDE)).toEqual(['hosts', 'passwd']);
    for (const name of ['hosts', 'passwd']) expect(readFileSync(`${OUTSIDE}/${name}`, 'utf8')).toBe('outside\n');
  });
});

describe.skipIf(!here)('a pull that fails is told, and leaves nothing:', () => {
  test('nothing listens', async () => {
    const failure = await failedPull('docker://127.0.0.1:9/test/small:1');
    expect(failure).toMatchObject({ exitCode: 3 });
    expect(failure.message).toMatch(
      /^The registry of 127\.0\.0\.1:9\/test\/small can't be reached: connection refused\./,
    );
  });

  test('the catalogue names what this machine does not reach', async () => {
    const failure = await failedPull('pxc:8.0', []);
    expect(failure).toMatchObject({ exitCode: 3 });
    expect(failure.message).toMatch(/^The name \S+ can't be resolved: /);
    expect(failure.suggestions.join('\n')).toContain('dbns image pull docker://REGISTRY/NAME:TAG --as pxc:8.0');
  });

  test('a bad tag, a bad name, a digest of nothing', async () => {
    const nothing = `sha256:${'0'.repeat(64)}`;
    for (const words of [`${remote('small')}:7`, `${remote('none')}:1`, `${remote('small')}@${nothing}`]) {
      const failure = await failedPull(words);
      expect(failure.exitCode).toBe(4);
      expect(failure.message).toMatch(`There is no image ${words}.`);
    }
  });

  test('plain HTTP, without the word for it', async () => {
    const failure = await failedPull(`${remote('small')}:1`, []);
    expect(failure).toMatchObject({ exitCode: 3 });
    expect(failure.suggestions[0]).toMatch(/ --tls-verify=false$/);
    expect(failure.message).toContain('speaks plain HTTP');
  });

  test('a certificate of nobody', async () => {
    const [key, cert] = [`${SCRATCH}/key.pem`, `${SCRATCH}/cert.pem`];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    await run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject]);
    const server = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) });
    const failure = await failedPull(`docker://${await listen(server)}/test/small:1`, []);
    server.close();
    expect(failure).toMatchObject({ exitCode: 3 });
    expect(failure.message).toMatch(/^The certificate of the registry of \S+ is not trusted: (x509|tls): [^"]+\.$/m);
  });

  test("a login is wanted, which skopeo's file of logins has", async () => {
    const guard = await startGuard(registry, 'me:secret');
    const reference = `docker://${guard.place}/test/small:1`;
    const failure = await failedPull(reference);
    expect(failure).toMatchObject({ exitCode: 3 });
    expect(failure.suggestions[0]).toBe(`skopeo login ${guard.place}`);
    const auths = { [guard.place]: { auth: Buffer.from('me:secret').toString('base64') } };
    writeFileSync(`${SCRATCH}/auth.json`, JSON.stringify({ auths }));
    const env = { REGISTRY_AUTH_FILE: `${SCRATCH}/auth.json` };
    await dbns(['image', 'pull', reference, INSECURE], { env });
    guard.stop();
  });

  test('another layer, or another manifest, than the digest names', async () => {
    await registry.push(layout('zeros'), 'test/broken:1');
    const manifest = JSON.parse(readFileSync(blobFile(registry, digests.zeros ?? ''), 'utf8')) as {
      layers: readonly { readonly digest: string }[];
    };
    const layer = blobFile(registry, manifest.layers[0]?.digest ?? '');
    const whole = readFileSync(layer);
    writeFileSync(layer, Buffer.concat([whole.subarray(0, -9), Buffer.from('123456789')]));
    const changed = await failedPull(`${remote('broken')}:1`);
    writeFileSync(layer, whole);
    const file = blobFile(registry, digests.zeros ?? '');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('{', '{ '));
    const other = await failedPull(`${remote('broken')}@${digests.zeros}`);
    writeFileSync(file, text);
    for (const failure of [changed, other]) {
      expect(failure.exitCode).toBe(3);
      expect(failure.message).toMatch(/^What came is not what the digest names:/);
    }
  });

  test('no space, by what the manifest says, and when it said too little', async () => {
    await run(['mount', '--no-mtab', '-t', 'tmpfs', '-o', 'size=60M', 'tmpfs', IMAGES]);
    try {
      const told = await failedPull(`${remote('server')}:1`);
      expect(told.exitCode).toBe(3);
      expect(told.message).toMatch(/^Pulling server:1 takes \d{3} MB; on the disk of \S+ 6\d MB are free\.$/);
      const full = await failedPull(`${remote('zeros')}:1`);
      expect(full.exitCode).toBe(3);
      expect(full.message).toMatch(/^There is not enough space on the disk for the image zeros:1\./);
    } finally {
      await run(['umount', '--no-mtab', IMAGES]);
    }
  });

  test.each(['SIGINT', 'SIGKILL'] as const)('%s while a registry hangs', async (signal) => {
    const server = net.createServer((socket) => socket.on('error', () => undefined));
    const reference = `docker://${await listen(server)}/test/small:1`;
    const { child, result } = startDbns(['image', 'pull', reference, INSECURE], { expectExit: 'any' });
    const partial = `${IMAGES}/small/.1.partial`;
    await expect.poll(() => existsSync(`${partial}/tmp`)).toBe(true);
    child.kill(signal);
    expect((await result).exitCode).toBe(signal === 'SIGINT' ? 130 : 137);
    expect(existsSync(partial)).toBe(signal === 'SIGKILL');
    server.close();
    await pull(`${remote('small')}:1`); // removes what is left
  });
});

describe.skipIf(!here)('a copy that goes on', () => {
  test('tells how far it is, and ends at Ctrl-C with nothing left', async () => {
    const staller = await startStaller(registry);
    const reference = `docker://${staller.place}/test/server:1`;
    const { child, result } = startDbns(['image', 'pull', reference, INSECURE], { expectExit: 'any' });
    let said = '';
    child.stderr?.on('data', (text: string) => (said += text));
    await expect
      .poll(() => said)
      .toMatch(/copied \d+ MB of \d+ MB\n/)
      .finally(() => child.kill('SIGINT'));
    expect((await result).exitCode).toBe(130);
    expect(treesLeft()).toEqual([]);
    staller.stop();
  });
});

describe.skipIf(!here)('image prune', () => {
  test('asks, and tells before; removes the image and what was made with it', async () => {
    await pull(`${remote('server')}:1`, '--as', 'galera:1');
    await dbns(['pxc', 'create', 'east', '--nodes', '1', '--image', 'galera:1']);
    await dbns(['destroy', 'east']);
    expect((await dbns(['image', 'prune', '--dry-run'])).stdout).toMatch(
      /^Would remove: galera:1, 1 pristine directory \(\d+ MB\)\n$/,
    );
    const unasked = await failureOf(['image', 'prune']);
    expect(unasked.exitCode).toBe(2);
    expect(unasked.message).toContain('--yes');
    expect(treesLeft()).toEqual(['galera/1']);
    const { json } = await dbns(['image', 'prune', '--yes', '--json']);
    expect(json).toMatchObject({ images: ['galera:1'] });
    expect(treesLeft()).toEqual([]);
    expect(readdirSync('/var/lib/dbns/pristine')).toEqual([]);
    expect(readdirSync('/var/lib/dbns/servers')).toEqual([]);
  });
});
