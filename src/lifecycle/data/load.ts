import type { Readable } from 'node:stream';
import type { Node } from '../../cluster/cluster.js';
import { InterruptedError, NotReadyError, UsageError } from '../../errors/errors.js';
import type { Setting } from '../../topologies/topology.js';
import { requireRoot, type Context } from '../context.js';
import { namingFaults } from '../ground/name-faults.js';
import { recorded } from '../record.js';
import { selectCluster } from '../select.js';
import { settingOf } from '../setting.js';
import { feed } from './feed.js';
import { sourcesOf, type Source } from './source.js';
import { spread } from './spread.js';
import { writerOf } from './writer.js';

export interface LoadRequest {
  readonly cluster: string;
  /** One after another; `-` is `stdin`. */
  readonly files: readonly string[];
  readonly stdin?: Readable;
  /** One that takes writes when absent. */
  readonly node?: string | undefined;
  /** Where statements go that do not say it; of an archive, what alone is taken of it. */
  readonly database?: string | undefined;
  /** Return when all nodes have it. */
  readonly wait: boolean;
  /** Milliseconds that the others may take to have it. */
  readonly timeout: number;
}

/** What a `load` did. */
export interface LoadView {
  readonly cluster: string;
  /** The node that took it. */
  readonly node: string;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** Names of those that have it; null where nobody waited. */
  readonly nodes: readonly string[] | null;
}

/**
 * Loads files at a node that takes writes, and returns when all nodes that run have applied them.
 * @throws UsageError for a file that is not there, or with the line that a server refused; MachineError for a program that is
 *   to be installed; NotFoundError, ConflictError, NotReadyError, InterruptedError. What was loaded before stays.
 */
export async function load(request: LoadRequest, context: Context): Promise<LoadView> {
  const { machine, observer } = context;
  const { files, wait, timeout } = request;
  if (files.length === 0) throw new UsageError('What is to be loaded? Name files, or - for stdin.');
  requireRoot(machine, `load ${request.cluster}`);
  const cluster = await selectCluster(machine, request.cluster);
  const sources = sourcesOf(machine, files, request.stdin);
  return namingFaults(machine, cluster.name, async () => {
    const node = await writerOf(context, cluster, request.node);
    const setting = await settingOf(machine, cluster);
    const verb = { verb: 'load', nodes: [node.name], about: files.join(', ') };
    return recorded(machine, cluster.name, verb, async () => {
      const taken = await feedAll(sources, setting, node, request.database ?? null, context);
      if (!wait) return { cluster: cluster.name, node: node.name, files: taken, nodes: null };
      const application = { machine, observer, signal: context.signal, deadline: Date.now() + timeout };
      const nodes = await spread(setting, node, application).catch(loadedAt(node));
      return { cluster: cluster.name, node: node.name, files: taken, nodes };
    });
  });
}

/** An error of what comes after the loading. */
function loadedAt({ name }: Node) {
  return (error: unknown): never => {
    if (error instanceof InterruptedError) throw new InterruptedError(error.signal, `all is loaded at ${name}`);
    if (!(error instanceof NotReadyError)) throw error;
    throw new NotReadyError(`All is loaded at ${name}, and not on all other nodes yet: ${error.message}`, {
      cause: error,
      suggestions: error.suggestions,
    });
  };
}

async function feedAll(
  sources: readonly Source[],
  setting: Setting,
  node: Node,
  database: string | null,
  { observer, signal }: Context,
): Promise<LoadView['files']> {
  const files: { name: string; bytes: number }[] = [];
  for (const source of sources) {
    const title = `load ${source.name} at ${node.name}`;
    observer.phaseStarted?.(title);
    const feeding = { setting, node, database, stays: true };
    files.push({ name: source.name, bytes: await feed(source, feeding, { observer, signal }) });
    observer.phaseDone?.(title);
  }
  return files;
}
