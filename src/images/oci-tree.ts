import { MachineError } from '../errors/errors.js';
import type { Machine, RunResult } from '../host/machine.js';
import type { OciSource } from './catalogue.js';
import { copyArgv, inspectArgv, unpackArgv } from './oci-argv.js';
import { ociFailure } from './oci-failure.js';
import { architecture, digestOf, readManifest } from './oci-manifest.js';
import { ociText, parseOciReference, type OciReference } from './oci-reference.js';
import { tellProgress } from './oci-progress.js';
import type { Filling } from './pull-options.js';
import { megabytes, requireRoom } from './room.js';
import { adoptTree } from './tree.js';

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
  const copying = runFor(machine, copyArgv(found.reference, directory, options), filling, asked);
  const { onProgress } = options;
  await tellProgress(machine, { directory: `${directory}/layout`, bytes, ...(onProgress && { onProgress }) }, copying);
  options.onProgress?.('unpacking the layers');
  await runFor(machine, unpackArgv(directory), filling, asked);
  await adoptTree(machine, directory);
  for (const part of ['layout', 'tmp']) await machine.files.remove(`${directory}/${part}`);
  return found.digest;
}

/** What a registry has is taken by its digest from here on, so that all that is asked is asked of one image. */
async function findOciImage(machine: Machine, asked: OciReference, filling: Filling): Promise<Found> {
  const text = await readRawManifest(machine, asked, asked, filling);
  const digest = asked.digest ?? digestOf(text);
  const reference = asked.transport === 'docker' ? { ...asked, digest } : asked;
  const manifest = readManifest(text);
  if (manifest?.kind !== 'list') return { reference, digest, layers: manifest?.layers ?? [] };
  const ours = manifest.digests.get(architecture());
  if (ours === undefined) throw notForUs(asked, [...manifest.digests.keys()]);
  if (asked.transport !== 'docker') return { reference, digest, layers: [] };
  const one = readManifest(await readRawManifest(machine, { ...asked, digest: ours }, asked, filling));
  return { reference, digest, layers: one?.kind === 'image' ? one.layers : [] };
}

function notForUs(asked: OciReference, others: readonly string[]): MachineError {
  return new MachineError(
    `${ociText(asked)} is made for ${others.join(', ') || 'no machine that runs Linux'}, not for ${architecture()} like this one.`,
  );
}

async function readRawManifest(
  machine: Machine,
  reference: OciReference,
  asked: OciReference,
  filling: Filling,
): Promise<string> {
  return (await runFor(machine, inspectArgv(reference, filling.options), filling, asked)).stdout;
}

async function runFor(
  machine: Machine,
  argv: readonly string[],
  { ref, directory, options: { signal, tlsVerify = true } }: Filling,
  reference: OciReference,
): Promise<RunResult> {
  const result = await machine.run(argv, {
    allowFailure: true,
    // skopeo decompresses archives there.
    env: { TMPDIR: `${directory}/tmp` },
    ...(signal === undefined ? {} : { signal }),
  });
  if (result.exitCode === 0) return result;
  throw ociFailure(argv[0] === 'skopeo' ? 'skopeo' : 'umoci', result.stderr, { ref, reference, tlsVerify });
}
