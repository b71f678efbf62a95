import type { Node } from '../../cluster/cluster.js';
import { isError, NotReadyError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { loadCluster } from '../../state/clusters.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { OptionNow, Options } from '../../topologies/options.js';
import { nodesIn } from '../choose.js';
import { requireRoot } from '../context.js';
import { serversOf } from '../running/verb.js';
import { settingOf } from '../setting.js';

/** Which options are looked at. */
export interface OptionsRequest {
  /** Names of nodes; all when there are none. */
  readonly nodes: readonly string[];
  /** Also those that make a node what it is: its place, its number, its state. */
  readonly all: boolean;
  /** Milliseconds that a server may take to answer. */
  readonly timeout: number;
}

/** An option that is not at its default on some node. */
export interface OptionRow {
  /** As the server spells it. */
  readonly name: string;
  /** Of the server itself; null where it does not tell it. */
  readonly default: string | null;
  /** By name of a node; of one whose server knows no such option nothing. */
  readonly values: Readonly<Record<string, string | null>>;
  /** By name of a node, where it has the value from, in the server's word. */
  readonly origins: Readonly<Record<string, string>>;
  /** Given with create or set, on some node. */
  readonly isGiven: boolean;
  /** By name of a node: what was given, and is in force when the server starts again. */
  readonly pending: Readonly<Record<string, string>>;
  /** Not all nodes have the same. */
  readonly differs: boolean;
}

/** What servers have that is not their default. */
export interface OptionsView {
  readonly cluster: string;
  /** Names of those that answered. */
  readonly nodes: readonly string[];
  /** By name. */
  readonly options: readonly OptionRow[];
  /** Those that did not answer, and why. */
  readonly silent: readonly { readonly node: string; readonly why: string }[];
}

/**
 * Asks the servers of nodes what differs from their defaults, and between them.
 * @throws NotFoundError; NotReadyError when nobody answers.
 */
export async function optionsOf(
  machine: Machine,
  name: string,
  { nodes: names, all, timeout }: OptionsRequest,
): Promise<OptionsView> {
  requireRoot(machine, ['options', name, ...names].join(' '));
  const cluster = await loadCluster(machine, name);
  const topology = topologyNamed(cluster.topology);
  const chosen = nodesIn(cluster, { names });
  const servers = serversOf(machine, chosen);
  const running = chosen.filter((node) => servers.get(node.name)?.state === 'running');
  const said = await topology.options.ask(await settingOf(machine, cluster), running, timeout);
  const silent = chosen.flatMap(({ name: node }) => {
    const answer = said.get(node) ?? new Error('its server does not run');
    return isError(answer) ? [{ node, why: answer.message }] : [];
  });
  const answers = new Map([...said].flatMap(([node, answer]) => (isError(answer) ? [] : [[node, answer] as const])));
  if (answers.size === 0) {
    throw new NotReadyError(
      `No node of '${name}' answers: ${silent.map(({ node, why }) => `${node}, ${why}`).join('; ')}.`,
      {
        suggestions: [`dbns start ${name}`],
      },
    );
  }
  const given = givenOn(
    chosen.filter((node) => answers.has(node.name)),
    answers,
    topology.options,
  );
  const rows = rowsOf(answers, [...given.keys()]).map((row) => ({
    ...{ ...row, isGiven: given.has(row.name) },
    pending: Object.fromEntries(given.get(row.name) ?? []),
  }));
  return {
    cluster: name,
    nodes: [...answers.keys()],
    options: rows.filter((row) => all || row.isGiven || !topology.options.isOwn(row.name)),
    silent,
  };
}

/** Options that were given to nodes, by id; of each the nodes that have it not in force yet, and what it will be there. */
function givenOn(
  nodes: readonly Node[],
  answers: ReadonlyMap<string, readonly OptionNow[]>,
  part: Options,
): ReadonlyMap<string, readonly (readonly [node: string, value: string])[]> {
  const given = new Map<string, (readonly [string, string])[]>();
  for (const node of nodes) {
    for (const option of node.options) {
      const id = part.idOf(option);
      const now = answers.get(node.name)?.find(({ name }) => name === id);
      const waits = option.value !== null && !part.isInForce(option, now) ? [[node.name, option.value] as const] : [];
      given.set(id, [...(given.get(id) ?? []), ...waits]);
    }
  }
  return given;
}

/** Of all that nodes have, what some node has not at its default, and what is in `besides`. */
export function rowsOf(
  answers: ReadonlyMap<string, readonly OptionNow[]>,
  besides: readonly string[] = [],
): readonly Omit<OptionRow, 'isGiven' | 'pending'>[] {
  const byNode = new Map([...answers].map(([node, now]) => [node, new Map(now.map((one) => [one.name, one]))]));
  const names = new Set([...answers.values()].flat().flatMap(({ name, isChanged }) => (isChanged ? [name] : [])));
  const known = new Set([...byNode.values()].flatMap((options) => [...options.keys()]));
  for (const name of besides) if (known.has(name)) names.add(name);
  return [...names].sort().map((name) => {
    const own = [...byNode].flatMap(([node, options]) => {
      const one = options.get(name);
      return one === undefined ? [] : [{ node, one }];
    });
    const values = own.map(({ one }) => one.value);
    return {
      name,
      default: own.find(({ one }) => one.default !== null)?.one.default ?? null,
      values: Object.fromEntries(own.map(({ node, one }) => [node, one.value])),
      origins: Object.fromEntries(own.map(({ node, one }) => [node, one.origin])),
      differs: own.length < byNode.size || values.some((value) => value !== values[0]),
    };
  });
}
