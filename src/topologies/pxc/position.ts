import type { Node } from '../../cluster/cluster.js';
import { NotReadyError } from '../../errors/errors.js';
import { inNamespace } from '../../process/container.js';
import { formingFile } from '../../servers/mysqld/forming.js';
import { ownFiles } from '../../servers/mysqld/own-files.js';
import { serverArgv } from '../../servers/start.js';
import { serverOf, type Setting } from '../setting.js';

/** How far a data directory is in a history: the history's UUID, and the number of its last transaction. */
export interface Position {
  readonly uuid: string;
  readonly seqno: number;
}

/** A directory that belongs to no history, or of which nobody can tell how far it is. */
export type NoPosition = 'nothing' | 'unknown';

export interface Limits {
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** Galera's words for a position, as its options and its logs have it. */
export function positionText({ uuid, seqno }: Position): string {
  return `${uuid}:${seqno}`;
}

export function stateFile({ directory }: Pick<Node, 'directory'>): string {
  return `${directory}/data/grastate.dat`;
}

/**
 * Where nodes that do not run stand, by name: by `grastate.dat` after an orderly end, else by what the server finds in its
 * own files.
 */
export async function positionsOf(
  setting: Setting,
  nodes: readonly Node[],
  limits: Limits,
): Promise<ReadonlyMap<string, Position | NoPosition>> {
  const asked = nodes.map(async (node) => {
    const saved = savedState(setting, node);
    return [node.name, saved === 'unknown' ? await recovered(setting, node, limits) : saved] as const;
  });
  return new Map(await Promise.all(asked));
}

/** What a node's `grastate.dat` says. */
export function savedState({ machine }: Setting, node: Node): Position | NoPosition {
  return readState(machine.files.read(stateFile(node)) ?? '');
}

const NO_UUID = '00000000-0000-0000-0000-000000000000';

/**
 * What a `grastate.dat` says. A null UUID is said of a directory with nothing, or with half a state transfer: whatever the
 * server's other files say, it begins no cluster. Source: galera `galera/src/saved_state.cpp`.
 */
export function readState(text: string): Position | NoPosition {
  const uuid = /^uuid:\s*([0-9a-f-]{36})\s*$/m.exec(text)?.[1];
  const seqno = Number(/^seqno:\s*(-?\d+)\s*$/m.exec(text)?.[1] ?? -1);
  if (uuid === NO_UUID) return 'nothing';
  return uuid === undefined || seqno < 0 ? 'unknown' : { uuid, seqno };
}

/** What a server writes that was started with `--wsrep-recover`. */
export function readRecovered(written: string): Position | NoPosition {
  const [, uuid, seqno] = /Recovered position: ([0-9a-f-]{36}):(-?\d+)/.exec(written) ?? [];
  if (uuid === undefined || uuid === NO_UUID || Number(seqno) < 0) return 'unknown';
  return { uuid, seqno: Number(seqno) };
}

/** Runs the server for as long as it needs to find out, without what a start that was killed left in its forming.cnf. */
async function recovered(setting: Setting, node: Node, { signal, deadline }: Limits): Promise<Position | NoPosition> {
  const { machine } = setting;
  const { build, rootMounts } = serverOf(setting, node);
  await machine.files.write(formingFile(node), '', { mode: 0o644 });
  const command = [build.programs.server ?? '', `--defaults-file=${node.directory}/my.cnf`, '--wsrep-recover'];
  const argv = serverArgv(machine, node, { rootMounts, files: ownFiles(node.options), dieWithParent: true }, command);
  const late = AbortSignal.timeout(Math.max(deadline - Date.now(), 0));
  try {
    const { stdout, stderr } = await machine.run(inNamespace(node.namespace, argv), {
      ...{ allowFailure: true, signal: AbortSignal.any([signal, late]) },
    });
    return readRecovered(stdout + stderr);
  } catch (error) {
    if (!late.aborted || signal.aborted) throw error;
    throw new NotReadyError(`${node.name} did not say its position in time (--wsrep-recover).`, { cause: error });
  }
}
