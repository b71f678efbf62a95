import type { Cluster } from '../cluster/cluster.js';
import type { Step } from '../cluster/plan.js';
import { markOf } from '../cluster/resource.js';
import { insides } from './insides.js';
import type { ForwardChain, NetworkObservation } from './observe.js';

/** Chains that other firewalls keep for rules of users: a rule there is met before theirs, and survives their reload. */
const USER_CHAINS: readonly string[] = ['DOCKER-USER', 'ufw-user-forward', 'ufw6-user-forward'];

/** How to get through the forward chains that drop: chains to put rules in, and chains for which there is none. */
export function wayThrough(observation: Pick<NetworkObservation, 'chains' | 'droppingForwardChains'>) {
  const ways = observation.droppingForwardChains.map((dropping) => ({
    dropping,
    user: observation.chains.find(
      ({ family, table, chain }) =>
        family === dropping.family && table === dropping.table && USER_CHAINS.includes(chain),
    ),
  }));
  return {
    passable: ways.flatMap(({ user }) => user ?? []),
    blocked: ways.filter(({ user }) => user === undefined).map(({ dropping }) => dropping),
  };
}

/** How many rules `passStep` makes. */
export const PASSING_RULES = 4;

/** Lets the cluster's packets pass another firewall's chain; its rules carry the cluster's mark as comment. */
export function passStep({ id, network }: Cluster, { family, table, chain }: ForwardChain): Step {
  const comment = `comment "${markOf(id)}"`;
  const inside = insides(network);
  const rule = `insert rule ${family} ${table} ${chain}`;
  const input = [
    `${rule} iifname ${inside} accept ${comment}\n`,
    `${rule} oifname ${inside} ct state established,related accept ${comment}\n`,
    `${rule} iifname ${inside} oifname ${inside} accept ${comment}\n`,
    // What comes by an exposed port.
    `${rule} oifname ${inside} ct status dnat accept ${comment}\n`,
  ].join('');
  return {
    step: `let the cluster pass ${chain} of ${family} ${table}`,
    makes: [{ kind: 'nft-rules', family, table, chain }],
    acts: [{ do: 'run', argv: ['nft', '-f', '-'], input }],
  };
}

/** What to type where a chain drops and has no place for others' rules. */
export function adviceFor({ family, table, chain }: ForwardChain, inside = 'dbns*'): string {
  return `nft insert rule ${family} ${table} ${chain} iifname "${inside}" accept && nft insert rule ${family} ${table} ${chain} oifname "${inside}" ct state established,related accept`;
}
