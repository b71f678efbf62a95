import type { Cluster, Node } from '../../cluster/cluster.js';
import { NotReadyError } from '../../errors/errors.js';
import type { Arrival, Data } from '../data.js';
import { mysqldData } from '../mysqld-data.js';
import type { Setting } from '../topology.js';
import { caughtUpStep } from './return.js';
import { isPartial, settingsOf } from './settings.js';
import { pathsFrom } from './shapes.js';

export const data: Data = { ...mysqldData, arrival, whole };

/** Along the links on which what is written at a node travels, those near it first. */
function arrival(setting: Setting, at: Node, nodes: readonly Node[]): Arrival {
  const running = new Set([at, ...nodes].map(({ name }) => name));
  const paths = pathsFrom(settingsOf(setting.cluster).sources, at.name);
  const ways = nodes.flatMap(({ name }) => (name === at.name ? [] : [{ name, path: paths.get(name) }]));
  const beyond = ways.flatMap(({ name, path }) => {
    if (path === undefined) return `${name} gets nothing that is written at ${at.name}.`;
    const gone = path.find(({ source }) => !running.has(source));
    return gone === undefined ? [] : `${name} gets it by way of ${gone.source}, which does not run.`;
  });
  const links = ways.flatMap(({ path = [] }) => (path.every(({ source }) => running.has(source)) ? path : []));
  return {
    plan: { sequence: [...new Set(links)].map((link) => caughtUpStep(setting, link, halt)) },
    beyond,
  };
}

function halt(sentence: string): never {
  throw new NotReadyError(sentence);
}

/** Sources of a fan-in have each its own; who is late has it later, and who filters never. */
function whole(cluster: Cluster): readonly Node[] {
  const settings = settingsOf(cluster);
  const gathers = settings.shape === 'fan-in';
  return cluster.nodes.filter(
    ({ name }) => !isPartial(settings, name) && (!gathers || (settings.sources[name] ?? []).length > 0),
  );
}
