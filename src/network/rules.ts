import type { Cluster, Node } from '../cluster/cluster.js';

/** One rule: as nft reads it, and what it does, in a sentence. */
export interface Rule {
  readonly nft: string;
  readonly means: string;
}

/** A base chain of a cluster's table. */
export interface Chain {
  readonly name: string;
  /** Where packets come by it, as nft reads it. */
  readonly hook: string;
  readonly rules: readonly Rule[];
}

/**
 * All rules of a cluster: out by the uplinks behind the machine's own address, answers back in, and nothing else in either
 * direction: no other cluster, nothing from outside. The machine itself reaches its nodes (no forwarding); by the ports at
 * which servers meet only root does, for who gets there is asked for no password.
 */
export function chainsOf({ network, nodes }: Pick<Cluster, 'network' | 'nodes'>): readonly Chain[] {
  const chains = [
    { name: 'postrouting', hook: 'nat hook postrouting priority srcnat', rules: masquerade(network) },
    { name: 'forward', hook: 'filter hook forward priority filter', rules: forward(network) },
    { name: 'output', hook: 'filter hook output priority filter', rules: output(network, portsBetweenServers(nodes)) },
  ];
  return chains.filter(({ rules }) => rules.length > 0);
}

type Network = Cluster['network'];

function masquerade({ subnet, uplinks }: Network): readonly Rule[] {
  if (uplinks.length === 0) return [];
  return [
    {
      nft: `ip saddr ${subnet} oifname ${setOf(uplinks)} masquerade`,
      means: `What leaves ${subnet} by ${uplinks.join(', ')} has the machine's own address there (NAT).`,
    },
  ];
}

function forward({ bridge, uplinks }: Network): readonly Rule[] {
  const out = setOf(uplinks);
  const by = uplinks.join(', ');
  const egress = [
    { nft: `iifname "${bridge}" oifname ${out} accept`, means: `Nodes reach the outside by ${by}.` },
    {
      nft: `iifname ${out} oifname "${bridge}" ct state established,related accept`,
      means: `Answers to that come back in by ${by}.`,
    },
  ];
  return [
    { nft: `iifname "${bridge}" oifname "${bridge}" accept`, means: 'Nodes reach each other.' },
    ...(uplinks.length === 0 ? [] : egress),
    {
      nft: `iifname "${bridge}" drop`,
      means: 'Nothing else that comes from a node is forwarded: no other cluster, no other network.',
    },
    {
      nft: `oifname "${bridge}" drop`,
      means: 'Nothing else is forwarded to a node: no other cluster, nothing from outside.',
    },
  ];
}

/** Admits by what is known and refuses the rest: a packet of which no user is known comes through neither. */
function output({ bridge }: Network, ports: readonly number[]): readonly Rule[] {
  if (ports.length === 0) return [];
  const met = `oifname "${bridge}" tcp dport { ${ports.join(', ')} }`;
  const there = `${ports.join(', ')}, where servers meet`;
  return [
    {
      nft: `${met} ct state established,related accept`,
      means: `Connections from the machine to the ports ${there}, go on once they stand.`,
    },
    { nft: `${met} meta skuid 0 accept`, means: `Of the machine's users root reaches the ports ${there}.` },
    { nft: `${met} reject with tcp reset`, means: `All other users of the machine are refused the ports ${there}.` },
  ];
}

function setOf(interfaces: readonly string[]): string {
  return `{ ${interfaces.map((name) => `"${name}"`).join(', ')} }`;
}

function portsBetweenServers(nodes: readonly Node[]): readonly number[] {
  const ports = nodes.flatMap((node) => Object.entries(node.ports)).filter(([name]) => name !== 'client');
  return [...new Set(ports.map(([, port]) => port))].sort((a, b) => a - b);
}
