import type { AttachOptions } from '../../host/machine.js';
import { programsOf, type Host } from '../../cluster/cluster.js';
import type { Chosen } from '../choose.js';

/** Gets each line that a program writes on one of many nodes. */
export type OnNodeLine = (name: string, line: string, stream: 'stdout' | 'stderr') => void;

/** Something that runs on one of many nodes; answers its exit code. */
export interface Task {
  /** Of the node. */
  readonly name: string;
  readonly run: (streams: AttachOptions) => Promise<number>;
}

/** Runs all at once, with nothing to read; answers the worst exit code, which is the highest. */
export async function runOnEach(tasks: readonly Task[], onLine: OnNodeLine): Promise<number> {
  const codes = tasks.map(({ name, run }) => {
    const tell = (stream: 'stdout' | 'stderr') => (line: string) => {
      onLine(name, line, stream);
    };
    return run({ noInput: true, onLine: tell('stdout'), onErrorLine: tell('stderr') });
  });
  return Math.max(...(await Promise.all(codes)));
}

/** The hosts that were chosen, by the names that tell them apart: those of nodes, with their cluster's before where there are several. */
export function hostsChosen(chosen: readonly Chosen[]): readonly (Pick<Chosen, 'cluster'> & NamedHost)[] {
  return chosen.flatMap(({ cluster, nodes, companions, attached }) =>
    [...programsOf({ nodes, companions }), ...attached].map((host) => ({
      cluster,
      host,
      name: chosen.length > 1 ? `${cluster.name}/${host.name}` : host.name,
    })),
  );
}

interface NamedHost {
  readonly host: Host;
  readonly name: string;
}
