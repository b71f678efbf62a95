import type { Cluster, Host, Node } from '../cluster/cluster.js';
import { familiesOf, type Family } from '../cluster/family.js';
import type { TableFamily } from '../cluster/resource.js';
import { traitsOf } from '../cluster/lan.js';
import { NO_RULES, type Rules } from '../cluster/rules.js';
import { zoneOf } from '../cluster/zone.js';
import { faultChains, faultObjects, NO_TAKINGS, type Takings } from './fault-rules.js';
import { exposureChains, exposurePasses, exposureSources } from './exposure-rules.js';
import { doublingPart } from './double-rules.js';
import { insides, isJoinedByRouting, towards } from './insides.js';
import { linkPasses } from './link-rules.js';
import type { Chain, Rule, Ruled, TableObject } from './rule.js';

/** A table of a cluster. */
export interface Table {
  readonly family: TableFamily;
  readonly objects: readonly TableObject[];
  readonly chains: readonly Chain[];
}

/** All tables of a cluster that have rules. */
export function tablesOf(cluster: Ruled, rules: Rules = NO_RULES, takings: Takings = NO_TAKINGS): readonly Table[] {
  const chains = [
    ...inetChains(cluster, rules),
    ...membersChains(cluster, (bridge) => bridge === null),
    ...faultChains(cluster, takings),
  ];
  const tables: readonly Table[] = [
    { family: 'inet', objects: faultObjects(cluster, takings), chains },
    { family: 'bridge', objects: [], chains: membersChains(cluster, (bridge) => bridge !== null) },
    { family: 'netdev', ...doublingPart(cluster, takings) },
  ];
  return tables
    .map((table) => ({ ...table, chains: table.chains.filter((chain) => chain.rules.length > 0) }))
    .filter((table) => table.chains.length > 0);
}

/** What the rules of a cluster do, a sentence each. */
export function sentencesOf(cluster: Ruled, rules: Rules, takings: Takings = NO_TAKINGS): readonly string[] {
  const told = tablesOf(cluster, rules, takings).flatMap(({ chains }) =>
    chains.flatMap((chain) => chain.rules.map(({ means }) => means)),
  );
  // Several rules may do one thing, e.g. one of each family.
  return [...new Set(told)];
}

/**
 * Out by the uplinks behind the machine's own address, answers back in, and nothing else in either direction but what was
 * asked for: no other cluster, nothing from outside. The machine itself reaches its nodes (no forwarding); by the ports at
 * which servers meet only root does, for who gets there is asked for no password.
 */
function inetChains(cluster: Ruled, { exposures, links }: Rules): readonly Chain[] {
  const { network, nodes } = cluster;
  const closed = portsBetweenServers(nodes);
  const output: Chain = {
    name: 'output',
    hook: 'filter hook output priority filter',
    rules: [
      ...strays(network, 'sent by the machine', ({ unreachable }) => `reject with ${unreachable}`),
      ...meetings(cluster, closed),
    ],
  };
  // A LAN routes and guards itself.
  if (network.lan !== null) return [output];
  const passes = [...linkPasses(cluster, links, closed), ...exposurePasses(cluster, exposures)];
  return [
    ...exposureChains(cluster, exposures),
    {
      name: 'postrouting',
      hook: 'nat hook postrouting priority srcnat',
      rules: [...masquerade(network), ...exposureSources(cluster, exposures)],
    },
    { name: 'input', hook: 'filter hook input priority filter', rules: input(network) },
    { name: 'forward', hook: 'filter hook forward priority filter', rules: forward(network, passes) },
    output,
  ];
}

/** Before it is clear whether it is bridged or routed: by way of the gateway a packet would come to a node too. */
const MEMBERS_HOOK = 'filter hook prerouting priority dstnat';

/** Who is on a bridge is known by his link there alone, who is on none where packets come to the machine. */
function membersChains(cluster: Ruled, isThere: (bridge: string | null) => boolean): readonly Chain[] {
  const { network, nodes, companions, attached } = cluster;
  if (!traitsOf(network).meetsFirewall) return [];
  const here = (hosts: readonly Host[]) => hosts.filter((host) => isThere(zoneOf(network, host).bridge));
  const [members, others] = [here(nodes), here([...companions, ...attached])];
  // In a LAN nobody knows who else is there.
  const strangers = network.lan === null ? linksOf('', others) : linksOf('!= ', members);
  return [{ name: 'members', hook: MEMBERS_HOOK, rules: membersOnly(cluster, strangers) }];
}

/** Without conntrack, which the bridge family may not have. Who sends is known by where it comes in, whatever address it says. */
function membersOnly({ network, nodes }: Ruled, strangers: string | null): readonly Rule[] {
  const ports = portsBetweenServers(nodes);
  if (ports.length === 0 || strangers === null) return [];
  return familiesOf(network).map(({ name, addressOf }) => ({
    nft: `iifname ${strangers} ${name} daddr { ${nodes.map(({ address }) => addressOf(address)).join(', ')} } tcp dport { ${ports.join(', ')} } drop`,
    means: `Who is no node does not reach the ports ${ports.join(', ')}, where servers meet.`,
  }));
}

function linksOf(not: string, hosts: readonly Host[]): string | null {
  return hosts.length === 0 ? null : `${not}${setOf(hosts.map(({ link }) => link))}`;
}

type Network = Cluster['network'];

function masquerade(network: Network): readonly Rule[] {
  const { uplinks } = network;
  if (uplinks.length === 0) return [];
  return familiesOf(network).map(({ name, subnet }) => ({
    nft: `${name} saddr ${subnet} oifname ${setOf(uplinks)} masquerade`,
    means: `What leaves ${subnet} by ${uplinks.join(', ')} has the machine's own address there (NAT).`,
  }));
}

/** The machine is everybody's router, and nobody's host. */
function input(network: Network): readonly Rule[] {
  return familiesOf(network).flatMap(({ adverts }) =>
    adverts === null
      ? []
      : [
          {
            nft: `iifname ${insides(network)} ${adverts} drop`,
            means: 'No host makes itself a router of the machine.',
          },
        ],
  );
}

/** What passes stands before what drops. */
function forward(network: Network, passes: readonly Rule[]): readonly Rule[] {
  const { uplinks } = network;
  const inside = insides(network);
  const out = setOf(uplinks);
  const by = uplinks.join(', ');
  const egress = [
    { nft: `iifname ${inside} oifname ${out} accept`, means: `Nodes reach the outside by ${by}.` },
    {
      nft: `iifname ${out} oifname ${inside} ct state established,related accept`,
      means: `Answers to that come back in by ${by}.`,
    },
  ];
  return [
    { nft: `iifname ${inside} oifname ${inside} accept`, means: 'Nodes reach each other.' },
    ...strays(network, 'forwarded', () => 'drop'),
    ...(uplinks.length === 0 ? [] : egress),
    ...passes,
    {
      nft: `iifname ${inside} drop`,
      means: 'Nothing else that comes from a node is forwarded: no other cluster, no other network.',
    },
    {
      nft: `oifname ${inside} drop`,
      means: 'Nothing else is forwarded to a node: no other cluster, nothing from outside.',
    },
  ];
}

/** Where each link has a route of its own, that of the machine's way out leads to whoever has none, as long as he has none. */
function strays(network: Network, done: string, verdict: (family: Family) => string): readonly Rule[] {
  if (!isJoinedByRouting(network)) return [];
  return familiesOf(network).map((family) => ({
    nft: `${family.name} daddr ${family.subnet} oifname != ${insides(network)} oifname != "lo" ${verdict(family)}`,
    means: `What is for ${family.subnet} is ${done} nowhere else, whoever of it is not there.`,
  }));
}

/** Admits by what is known and refuses the rest: a packet of which no user is known comes through neither. */
function meetings(cluster: Ruled, ports: readonly number[]): readonly Rule[] {
  if (ports.length === 0) return [];
  const there = `${ports.join(', ')}, where servers meet`;
  return towards(cluster).flatMap((where) => {
    const met = `${where} tcp dport { ${ports.join(', ')} }`;
    return [
      {
        nft: `${met} ct state established,related accept`,
        means: `Connections from the machine to the ports ${there}, go on once they stand.`,
      },
      { nft: `${met} meta skuid 0 accept`, means: `Of the machine's users root reaches the ports ${there}.` },
      { nft: `${met} reject with tcp reset`, means: `All other users of the machine are refused the ports ${there}.` },
    ];
  });
}

function setOf(interfaces: readonly string[]): string {
  return `{ ${interfaces.map((name) => `"${name}"`).join(', ')} }`;
}

/** Where nobody is asked for a password. */
export function portsBetweenServers(nodes: readonly Node[]): readonly number[] {
  const ports = nodes.flatMap((node) => Object.entries(node.ports)).filter(([name]) => name !== 'client');
  return [...new Set(ports.map(([, port]) => port))].sort((a, b) => a - b);
}
