import { MachineError } from '../errors/errors.js';
import type { Machine, RunResult } from '../host/machine.js';
import type { OciSource } from './catalogue.js';
import { SILENCE, copyArgv, inspectArgv, unpackArgv } from './oci-argv.js';
import { architecture, digestOf, readManifest, readPlatform, type Platform } from './oci-manifest.js';
import { ociText, parseOciReference, type OciReference } from './oci-reference.js';
import { watchCopy } from './oci-progress.js';
import type { Filling } from './pull-options.js';
import { megabytes, requireRoom } from './room.js';
import { skopeoFailure } from './skopeo-failure.js';
import { adoptTree } from './tree.js';
import { unpackFailure } from './unpack-failure.js';

/** Programs that it takes. */
export const OCI_PROGRAMS: readonly string[] = ['skopeo', 'umoci', 'bwrap'];

/**
 * The bytes that a pull takes while it goes on, by the bytes of the layers: their copy, and the tree. Programs are
 * compressed to a third or more; in an archive layers are not compressed, but in their copy they are.
 */
const ROOM = { docker: 4, oci: 4, 'docker-archive': 2 } as const;

/** An image as it is at the moment: what its tag names may be another one soon. */
interface Found {
  readonly reference: OciReference;
  readonly digest: string;
  readonly layers: readonly number[];
}

/** Fills `root` with the layers of an image of containers, and answers the image's digest. */
export async function fillFromOci(machine: Machine, from: OciSource, filling: Filling): Promise<string> {
  const { directory, options } = filling;
  const asked = parseOciReference(from.reference);
  await machine.files.mkdir(`${directory}/tmp`);
  options.onProgress?.(`asking for ${from.reference}`);
  const found = await findOciImage(machine, asked, filling);
  const bytes = found.layers.reduce((sum, layer) => sum + layer, 0);
  await requireRoom(machine, filling, bytes * ROOM[asked.transport]);
  options.onProgress?.(`copying ${megabytes(bytes)} of layers`);
  await copy(machine, { found, asked, bytes }, filling);
  options.onProgress?.('unpacking the layers');
  const { exitCode, stderr } = await runFor(machine, unpackArgv(directory), filling);
  if (exitCode !== 0) throw unpackFailure(stderr, { ref: filling.ref, reference: asked });
  await adoptTree(machine, directory);
  for (const part of ['layout', 'tmp']) await machine.files.remove(`${directory}/${part}`);
  return found.digest;
}

async function copy(
  machine: Machine,
  { found, asked, bytes }: { readonly found: Found; readonly asked: OciReference; readonly bytes: number },
  filling: Filling,
): Promise<void> {
  const { directory, options } = filling;
  const { silence = SILENCE, signal, onProgress } = options;
  const watched = {
    ...{ directory: `${directory}/layout`, bytes, giver: `The registry of ${asked.place}` },
    // A file is not waited for in vain, and may be decompressed elsewhere first.
    silence: asked.transport === 'docker' ? silence : Infinity,
    ...(signal !== undefined && { signal }),
    ...(onProgress !== undefined && { onProgress }),
  };
  await watchCopy(machine, watched, (until) =>
    skopeo(machine, copyArgv(found.reference, directory, options), asked, {
      ...filling,
      options: { ...options, signal: until },
    }),
  );
}

/** What a registry has is taken by its digest from here on, so that all that is asked is asked of one image. */
async function findOciImage(machine: Machine, asked: OciReference, filling: Filling): Promise<Found> {
  const inspect = (reference: OciReference, what: 'manifest' | 'config') =>
    skopeo(machine, inspectArgv(reference, what, filling.options), asked, filling);
  const text = await inspect(asked, 'manifest');
  const digest = asked.digest ?? digestOf(text);
  const reference = asked.transport === 'docker' ? { ...asked, digest } : asked;
  const manifest = readManifest(text);
  if (manifest?.kind !== 'list') {
    assertForUs(asked, readPlatform(await inspect(reference, 'config')));
    return { reference, digest, layers: manifest?.layers ?? [] };
  }
  const ours = manifest.digests.get(architecture());
  if (ours === undefined) throw notForUs(asked, [...manifest.digests.keys()].join(', '));
  if (asked.transport !== 'docker') return { reference, digest, layers: [] };
  const one = readManifest(await inspect({ ...asked, digest: ours }, 'manifest'));
  return { reference, digest, layers: one?.kind === 'image' ? one.layers : [] };
}

/** Tools take an image that is no list as it is; its programs would be found out one by one. */
function assertForUs(asked: OciReference, { os, architecture: made }: Platform): void {
  if (!['', 'linux'].includes(os)) throw notForUs(asked, `${os} on ${made}`, `linux on ${architecture()}`);
  if (!['', architecture()].includes(made)) throw notForUs(asked, made);
}

function notForUs(asked: OciReference, others: string, ours = architecture()): MachineError {
  const place = asked.transport === 'docker' ? `docker://${asked.place}:TAG` : 'docker://REGISTRY/NAME:TAG';
  return new MachineError(
    `${ociText(asked)} is made for ${others || 'no machine that runs Linux'}, not for ${ours} like this one.`,
    { suggestions: [`Take one that is made for ${ours}: dbns image pull ${place}`] },
  );
}

/** What skopeo says. */
async function skopeo(
  machine: Machine,
  argv: readonly string[],
  reference: OciReference,
  filling: Filling,
): Promise<string> {
  const { ref, options } = filling;
  const { exitCode, stdout, stderr } = await runFor(machine, argv, filling);
  if (exitCode === 0) return stdout;
  const { tlsVerify = true, silence = SILENCE } = options;
  throw skopeoFailure(stderr, { ref, reference, tlsVerify, silence });
}

function runFor(
  machine: Machine,
  argv: readonly string[],
  { directory, options: { signal } }: Filling,
): Promise<RunResult> {
  return machine.run(argv, {
    allowFailure: true,
    // skopeo decompresses archives there.
    env: { TMPDIR: `${directory}/tmp` },
    ...(signal === undefined ? {} : { signal }),
  });
}
