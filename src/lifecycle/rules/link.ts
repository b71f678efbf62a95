import type { Cluster } from '../../cluster/cluster.js';
import type { ClusterLink, Rules } from '../../cluster/rules.js';
import { ConflictError, NotFoundError, UsageError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { loadRules } from '../../state/rules.js';
import { changeRulesOf, type RuledCluster } from '../ground/change-rules.js';
import { requirePrograms, requireRoot } from '../context.js';
import { assertNotInLan } from '../ground/lan.js';
import { dropLostLinks, withoutLinkTo } from '../ground/lost-links.js';
import { assertNetworkStands } from '../ground/network-stands.js';
import { portNumber } from '../port-number.js';
import { recorded } from '../record.js';
import { selectCluster, selectProgram } from '../select.js';

/** Which hosts are to reach which. */
export interface LinkRequest {
  readonly from: string;
  readonly to: string;
  /** Nobody of `to` reaches anybody of `from`, but for answers. */
  readonly oneWay: boolean;
  /** Numbers, or names of ports, at which hosts are reached; all but those where servers meet when there are none. */
  readonly ports: readonly string[];
  /** Names of the hosts of `to` that are reached; all when there are none. */
  readonly hosts: readonly string[];
}

/** A link, as each of its clusters has it. */
export interface LinkMade {
  readonly clusters: readonly { readonly name: string; readonly link: ClusterLink }[];
}

/**
 * Lets hosts of two clusters reach each other. It works while other verbs are at work on them.
 * @throws UsageError, NotFoundError; ConflictError when they are linked already, or one does not stand.
 */
export async function linkClusters(machine: Machine, request: LinkRequest): Promise<LinkMade> {
  const { from, to } = request;
  requireRoot(machine, `link ${from} ${to}`);
  requirePrograms(machine);
  const [a, b] = [await selectCluster(machine, from), await selectCluster(machine, to)];
  for (const one of [a, b]) assertNotInLan(one, 'nothing is to be linked', `dbns network ${one.name}`);
  if (a.name === b.name) throw new UsageError(`Hosts of '${a.name}' reach each other as it is: name two clusters.`);
  return onBoth(machine, 'link', [a.name, b.name], () => link(machine, a, b, request));
}

async function link(machine: Machine, a: Cluster, b: Cluster, request: LinkRequest): Promise<LinkMade> {
  await dropLostLinks(machine);
  const sides = sidesOf(a, b, request);
  await changeRulesOf(machine, [a.name, b.name], async (ruled) => {
    for (const { cluster } of ruled) assertNetworkStands(machine, cluster);
    assertApart(ruled, a.name, b.name);
    return Promise.resolve(ruled.map(({ rules }, position) => withLink(rules, sides[position])));
  });
  return { clusters: [a, b].map(({ name }, position) => ({ name, link: sides[position === 0 ? 0 : 1] })) };
}

/** What each of both has of a link: who is reached there, and by whom. */
function sidesOf(
  here: Cluster,
  there: Cluster,
  { oneWay, ports, hosts }: LinkRequest,
): readonly [ClusterLink, ClusterLink] {
  const portsAt = (cluster: Cluster) =>
    [...new Set(ports.map((port) => portNumber(cluster, null, port)))].sort((x, y) => x - y);
  const to = hosts.length === 0 ? null : hosts.map((name) => selectProgram(there, name).name);
  return [
    oneWay
      ? { ...sideTo(there), way: 'out', ports: [], to: null }
      : { ...sideTo(there), way: 'both', ports: portsAt(here), to: null },
    { ...sideTo(here), way: oneWay ? 'in' : 'both', ports: portsAt(there), to },
  ];
}

function sideTo({ name, network: { stem, subnet, ipv6 } }: Cluster) {
  return { cluster: name, stem, subnet, ipv6 };
}

function withLink(rules: Rules, link: ClusterLink | undefined): Rules {
  return link === undefined ? rules : { ...rules, links: [...rules.links, link] };
}

function assertApart(ruled: readonly RuledCluster[], a: string, b: string): void {
  if (!ruled.some(({ rules }) => rules.links.some(({ cluster }) => cluster === a || cluster === b))) return;
  throw new ConflictError(`'${a}' and '${b}' are linked already.`, { suggestions: [`dbns unlink ${a} ${b}`] });
}

/**
 * Ends the link of two clusters, whichever is named first.
 * @throws NotFoundError when they are not linked.
 */
export async function unlinkClusters(machine: Machine, from: string, to: string): Promise<void> {
  requireRoot(machine, `unlink ${from} ${to}`);
  for (const name of [from, to]) await selectCluster(machine, name);
  if (from === to) throw new UsageError('Name two clusters.');
  await onBoth(machine, 'unlink', [from, to], () => unlink(machine, from, to));
}

async function unlink(machine: Machine, from: string, to: string): Promise<void> {
  const linked = loadRules(machine, from).links.map(({ cluster }) => cluster);
  if (!linked.includes(to)) {
    throw new NotFoundError(
      `'${from}' and '${to}' are not linked. '${from}' is linked with: ${linked.join(', ') || 'none'}.`,
    );
  }
  await changeRulesOf(machine, [from, to], (ruled) =>
    Promise.resolve(ruled.map(({ rules }, position) => withoutLinkTo(rules, position === 0 ? to : from))),
  );
}

/** Each of both has it in its record. */
function onBoth<T>(machine: Machine, verb: string, [a, b]: [string, string], act: () => Promise<T>): Promise<T> {
  return recorded(machine, a, { verb, about: b }, () => recorded(machine, b, { verb, about: a }, act));
}
