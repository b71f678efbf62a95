import type { Cluster, Node } from '../cluster/cluster.js';
import type { Step } from '../cluster/plan.js';
import { tableName } from '../cluster/names.js';
import { markOf } from '../cluster/resource.js';

/**
 * The nft table of a cluster: out by the uplinks behind the machine's own address, answers back in, and nothing else
 * in either direction: no other cluster, nothing from outside. The machine itself reaches its nodes (no forwarding);
 * by the ports at which servers meet servers only root does, for who gets there is asked for no password. Whatever was
 * there of it is replaced in one transaction.
 */
export function firewallStep(cluster: Cluster): Step {
  const name = tableName(cluster.name);
  return {
    step: `make nft table ${name}`,
    makes: [{ kind: 'nft-table', family: 'inet', name }],
    acts: [{ do: 'run', argv: ['nft', '-f', '-'], input: replacing(cluster) }],
  };
}

/** nft 1.0.6 has no `destroy`: what is deleted must be there. */
function replacing(cluster: Cluster): string {
  const name = `table inet ${tableName(cluster.name)}`;
  return `add ${name}\ndelete ${name}\n${ruleset(cluster)}`;
}

export function ruleset({ id, name, network, nodes }: Cluster): string {
  const { bridge, subnet, uplinks } = network;
  const out = uplinks.map((uplink) => `"${uplink}"`).join(', ');
  const masquerade = `
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${subnet} oifname { ${out} } masquerade
  }
`;
  const egress = `
    iifname "${bridge}" oifname { ${out} } accept
    iifname { ${out} } oifname "${bridge}" ct state established,related accept`;
  return `table inet ${tableName(name)} {
  comment "${markOf(id)}"
${uplinks.length === 0 ? '' : masquerade}
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "${bridge}" oifname "${bridge}" accept${uplinks.length === 0 ? '' : egress}
    iifname "${bridge}" drop
    oifname "${bridge}" drop
  }
${outputChain(bridge, portsBetweenServers(nodes))}}
`;
}

/** Admits by what is known and refuses the rest: a packet of which no user is known comes through neither. */
function outputChain(bridge: string, ports: readonly number[]): string {
  if (ports.length === 0) return '';
  const met = `oifname "${bridge}" tcp dport { ${ports.join(', ')} }`;
  return `
  chain output {
    type filter hook output priority filter; policy accept;
    ${met} ct state established,related accept
    ${met} meta skuid 0 accept
    ${met} reject with tcp reset
  }
`;
}

function portsBetweenServers(nodes: readonly Node[]): readonly number[] {
  const ports = nodes.flatMap((node) => Object.entries(node.ports)).filter(([name]) => name !== 'client');
  return [...new Set(ports.map(([, port]) => port))].sort((a, b) => a - b);
}
