import { Transform, pipeline, type Readable } from 'node:stream';
import type { Node } from '../../cluster/cluster.js';
import { DbnsError, InterruptedError, NotReadyError, UsageError, isError, messageOf } from '../../errors/errors.js';
import { fullDisk } from '../../host/full-disk.js';
import { meaningOf } from '../../servers/refusal.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Setting } from '../../topologies/topology.js';
import type { Observer } from '../apply.js';
import { adapted } from './adapt.js';
import { unpacked } from './packing.js';
import { runProgram } from './program.js';
import type { Source } from './source.js';

/** What is loaded, and where. */
export interface Feeding {
  readonly setting: Setting;
  readonly node: Node;
  readonly database: string | null;
  /** What was loaded stays when the rest is refused; else all goes with the cluster. */
  readonly stays: boolean;
}

interface Heard {
  readonly observer: Observer;
  readonly signal: AbortSignal;
}

/** Milliseconds between two words on how far it is. */
const PAUSE = 2000;

/**
 * Loads one source by the loader of its topology; answers how many bytes of it were read.
 * @throws UsageError with its name and line for what the server refuses, or what can't be read; NotReadyError when the server
 *   went away; MachineError for a lack; InterruptedError when aborted.
 */
export async function feed(source: Source, feeding: Feeding, { observer, signal }: Heard): Promise<number> {
  const { setting, node, database, stays } = feeding;
  const { data } = topologyNamed(setting.cluster.topology);
  const program = data.loader(setting, node, { directory: source.directory, database });
  const meter = new Meter();
  const progress = setInterval(() => observer.detail?.(`${meter.told(source)} of ${source.name}`), PAUSE);
  try {
    const input = source.directory === null ? await textOf(source, meter, setting, { observer, signal }) : undefined;
    const { exitCode, stderr } = await runProgram(setting, node, program, {
      signal,
      ...(input !== undefined && { input }),
    });
    if (exitCode !== 0) throw refused(stderr, source, feeding);
    // Most likely whoever was to write it failed.
    if (input !== undefined && meter.taken === 0) throw new UsageError(`${source.name} is empty: nothing was loaded.`);
    return meter.taken;
  } catch (error) {
    if (stays && error instanceof InterruptedError) {
      throw new InterruptedError(
        error.signal,
        `${meter.told(source)} of ${source.name} had been taken; what was loaded stays`,
      );
    }
    throw unreadable(error, source, stays);
  } finally {
    clearInterval(progress);
  }
}

/** The source as its loader is to read it. */
async function textOf(
  source: Source,
  meter: Meter,
  { machine, cluster }: Setting,
  { observer, signal }: Heard,
): Promise<Readable> {
  const { data } = topologyNamed(cluster.topology);
  const plain = await unpacked(
    machine,
    pipeline(source.open(), meter, () => undefined),
    signal,
  );
  return adapted(plain, (head) => {
    const { text, leftOut } = data.adapt(head);
    for (const { line, statement } of leftOut) {
      observer.warned?.(`${source.name}:${line}: left out, so that all nodes get the rest: ${statement}`);
    }
    return text;
  });
}

/** Counts what passes. */
class Meter extends Transform {
  taken = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.taken += chunk.length;
    done(null, chunk);
  }

  /** `12.0 of 50.3 MB`, `12.0 MB`. */
  told({ size }: Pick<Source, 'size'>): string {
    const inMegabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    return size === null ? `${inMegabytes(this.taken)} MB` : `${inMegabytes(this.taken)} of ${inMegabytes(size)} MB`;
  }
}

const STAYS = 'What was loaded before stays.';

/** The error of a loader that failed: where in the file, the server's words, and what they mean here. */
function refused(said: string, { name }: Source, { setting, node, stays }: Feeding): DbnsError {
  const { data } = topologyNamed(setting.cluster.topology);
  const refusal = data.readRefusal(said);
  const { line, number, words, isLost } = refusal;
  const meaning = meaningOf(refusal, data.meanings);
  const where = line === null ? name : `${name}:${line}`;
  const what = `${where}: ${node.name} ${isLost ? 'ended the connection' : 'refuses it'}: ${number === null ? '' : `${number} `}${words}`;
  const message = [what, ...(meaning === null ? [] : [meaning.says]), ...(stays ? [STAYS] : [])].join('\n');
  const suggestions = (meaning?.advice ?? []).map((advice) => advice.replace('CLUSTER', setting.cluster.name));
  const full = fullDisk(words);
  if (full !== null) return full;
  return new (isLost ? NotReadyError : UsageError)(message, { suggestions });
}

/** What a file system or what unpacks says of a file is about the user's file; the rest as it is. */
function unreadable(error: unknown, { name }: Source, stays: boolean): unknown {
  if (error instanceof DbnsError || !isError(error) || !('code' in error)) return error;
  const message = `${name} can't be read to its end: ${messageOf(error)}.`;
  return new UsageError(stays ? `${message}\n${STAYS}` : message, { cause: error });
}
