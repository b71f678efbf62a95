import { hostsOf } from '../cluster/cluster.js';
import { ANY, exposureName, isByLoopback, isOutside, type Exposure } from '../cluster/rules.js';
import { insides } from './insides.js';
import type { Chain, Rule, Ruled } from './rule.js';

/** An exposure that leads to somebody. */
interface Leading extends Exposure {
  readonly leadsTo: string;
  readonly address: string;
}

/** Those that lead to a host that is there. */
function leading(cluster: Ruled, exposures: readonly Exposure[]): readonly Leading[] {
  return exposures.flatMap((exposure) => {
    const host = hostsOf(cluster).find(({ name }) => name === exposure.leadsTo);
    return host === undefined ? [] : [{ ...exposure, leadsTo: host.name, address: host.address }];
  });
}

/**
 * Chains of their own for ports of the machine that lead to hosts. A host has nothing to look for at the machine's loopback,
 * which `route_localnet` would let it reach.
 */
export function exposureChains(cluster: Ruled, exposures: readonly Exposure[]): readonly Chain[] {
  const all = leading(cluster, exposures);
  const inside = insides(cluster.network);
  const guard: Rule = {
    nft: `iifname ${inside} ip daddr 127.0.0.0/8 drop`,
    means: "No host reaches the machine's loopback.",
  };
  return [
    { name: 'raw', hook: 'filter hook prerouting priority raw', rules: exposures.some(isByLoopback) ? [guard] : [] },
    {
      name: 'prerouting',
      hook: 'nat hook prerouting priority dstnat',
      rules: all.filter(isOutside).map((one) => dnat(`iifname != ${inside} `, one)),
    },
    { name: 'local', hook: 'nat hook output priority -100', rules: all.map((one) => dnat('', one)) },
  ];
}

function dnat(from: string, exposure: Leading): Rule {
  const { bind, hostPort, address, port, leadsTo } = exposure;
  const at = bind === ANY ? 'fib daddr type local' : `ip daddr ${bind}`;
  const where = from === '' ? 'From the machine itself' : 'From outside';
  return {
    nft: `${from}${at} tcp dport ${hostPort} dnat ip to ${address}:${port}`,
    means: `${where} ${exposureName(exposure)} leads to ${leadsTo}, port ${port}.`,
  };
}

/** Answers must find back: from the machine's loopback always, and where hosts have no way out. */
export function exposureSources({ network }: Ruled, exposures: readonly Exposure[]): readonly Rule[] {
  const inside = insides(network);
  const local: Rule = {
    nft: `ip saddr 127.0.0.0/8 oifname ${inside} masquerade`,
    means: "What comes by the machine's loopback has the gateway's address at the host.",
  };
  const noWayBack: Rule = {
    nft: `oifname ${inside} ct status dnat masquerade`,
    means: "What comes by an exposed port has the gateway's address at the host: there is no other way back.",
  };
  return [
    ...(exposures.some(isByLoopback) ? [local] : []),
    ...(exposures.some(isOutside) && network.uplinks.length === 0 ? [noWayBack] : []),
  ];
}

/** What exposed ports lead through the machine. */
export function exposurePasses({ network }: Ruled, exposures: readonly Exposure[]): readonly Rule[] {
  if (!exposures.some(isOutside)) return [];
  const inside = insides(network);
  return [
    { nft: `oifname ${inside} ct status dnat accept`, means: 'What comes by exposed ports reaches its host.' },
    {
      nft: `iifname ${inside} ct state established,related ct status dnat accept`,
      means: 'Answers to that go out.',
    },
  ];
}
