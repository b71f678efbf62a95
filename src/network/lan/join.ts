import * as v from 'valibot';
import type { Step } from '../../cluster/plan.js';
import type { Network } from '../../cluster/cluster.js';
import { ofKind } from '../../cluster/schemas.js';
import type { Machine } from '../../host/machine.js';
import { forwardingFile } from '../forwarding.js';

/** An interface of the machine that is to be in a cluster's bridge, or is: what it has of its own. */
export interface Joining {
  readonly link: string;
  readonly mac: string;
  /** The bridge that it is in. */
  readonly bridge: string | null;
  /** Words of `ip address` and `ip route` that give it what it has; IPv4. */
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
  /** Whether what comes in by it is forwarded. */
  readonly forwards: boolean;
}

const ADDRESS = v.object({
  family: v.literal('inet'),
  local: v.string(),
  prefixlen: v.number(),
  address: v.optional(v.string()),
  broadcast: v.optional(v.string()),
  scope: v.optional(v.string()),
});
const LINK = v.object({
  ifname: v.string(),
  address: v.optional(v.string(), ''),
  master: v.optional(v.string()),
  addr_info: v.array(v.unknown()),
});
const ROUTE = v.object({
  dst: v.string(),
  type: v.optional(v.string()),
  gateway: v.optional(v.string()),
  table: v.optional(v.string()),
  protocol: v.optional(v.string()),
  scope: v.optional(v.string()),
  prefsrc: v.optional(v.string()),
  metric: v.optional(v.number()),
  flags: v.optional(v.array(v.string()), []),
});

/** Null when there is no such interface. */
export async function observeJoining(machine: Machine, link: string): Promise<Joining | null> {
  const argv = ['ip', '-4', '-json', 'address', 'show', 'dev', link];
  const { stdout, exitCode } = await machine.run(argv, { allowFailure: true });
  if (exitCode !== 0) return null;
  // With -4 iproute2 prints an empty object for a link without an address.
  const { stdout: plain } = await machine.run(['ip', '-json', 'link', 'show', 'dev', link]);
  const [found] = ofKind(
    LINK,
    (JSON.parse(plain) as object[]).map((one) => ({ addr_info: [], ...one })),
  );
  if (found === undefined) return null;
  const shown = ofKind(LINK, v.parse(v.array(v.unknown()), JSON.parse(stdout.trim() || '[]')));
  const { stdout: routes } = await machine.run(['ip', '-4', '-json', 'route', 'show', 'table', 'all', 'dev', link]);
  return {
    ...{ link, mac: found.address, bridge: found.master ?? null },
    addresses: ofKind(
      ADDRESS,
      shown.flatMap(({ addr_info }) => addr_info),
    ).map(addressWords),
    routes: ofKind(ROUTE, v.parse(v.array(v.unknown()), JSON.parse(routes.trim() || '[]')))
      .filter(({ protocol, type }) => protocol !== 'kernel' && type !== 'local' && type !== 'broadcast')
      .map(routeWords),
    forwards: machine.files.read(forwardingFile(machine, link))?.trim() === '1',
  };
}

function addressWords({ local, prefixlen, address, broadcast, scope }: v.InferOutput<typeof ADDRESS>): string {
  const words = [
    address === undefined || address === local ? `${local}/${prefixlen}` : `${local} peer ${address}/${prefixlen}`,
    ...(broadcast === undefined ? [] : [`broadcast ${broadcast}`]),
    ...(scope === undefined || scope === 'global' ? [] : [`scope ${scope}`]),
  ];
  return words.join(' ');
}

function routeWords({
  dst,
  type,
  gateway,
  table,
  protocol,
  scope,
  prefsrc,
  metric,
  flags,
}: v.InferOutput<typeof ROUTE>) {
  const words = [
    ...[type ?? [], dst, gateway === undefined ? [] : `via ${gateway}`].flat(),
    ...(table === undefined ? [] : [`table ${table}`]),
    ...(protocol === undefined || protocol === 'boot' ? [] : [`proto ${protocol}`]),
    ...(scope === undefined || gateway !== undefined ? [] : [`scope ${scope}`]),
    ...(prefsrc === undefined ? [] : [`src ${prefsrc}`]),
    ...(metric === undefined ? [] : [`metric ${metric}`]),
    ...(flags.includes('onlink') ? ['onlink'] : []),
  ];
  return words.join(' ');
}

/**
 * Puts an interface of the machine into the cluster's bridge, which gets its MAC, its addresses and its routes. Each is at its
 * new place before it leaves the old one: connections go on, and whoever is cut short anywhere in between loses nothing.
 */
export function joinStep(machine: Machine, { zones }: Pick<Network, 'zones'>, joining: Joining): Step {
  const bridge = zones[0]?.bridge ?? '';
  const { link, mac, addresses, routes, forwards } = joining;
  const lines = [
    `link set ${bridge} address ${mac}\n`,
    `link set ${link} master ${bridge} up\n`,
    ...moveLines(joining, bridge),
    ...addresses.map((words) => `address delete ${words.split(' broadcast')[0] ?? ''} dev ${link}\n`),
  ];
  return {
    step: `put ${link} into ${bridge}, with its addresses and routes`,
    makes: [{ kind: 'joined', link, addresses, routes }],
    acts: [
      { do: 'set', path: forwardingFile(machine, bridge), value: forwards ? '1' : '0' },
      { do: 'run', argv: ['ip', '-batch', '-'], input: lines.join('') },
    ],
  };
}

/** Again they do no harm. */
function moveLines({ addresses, routes }: Pick<Joining, 'addresses' | 'routes'>, to: string): readonly string[] {
  return [
    ...addresses.map((words) => `address replace ${words} dev ${to}\n`),
    ...routes.map((words) => `route replace ${words} dev ${to}\n`),
  ];
}

/** iproute2 prints an empty object for a link that its filter leaves out. */
const ROW = v.looseObject({ ifname: v.optional(v.string(), ''), group: v.optional(v.string()) });
const PORT = v.object({ ifname: v.string(), master: v.string(), group: v.string() });

/** Takes interfaces of the machine out of the bridges of a group, with the addresses and routes that those have now. */
export async function bringHome(machine: Machine, group: number): Promise<void> {
  const { stdout } = await machine.run(['ip', '-json', 'link', 'show']);
  const rows = v.parse(v.array(ROW), JSON.parse(stdout.trim() || '[]'));
  const ours = new Set(rows.filter((row) => row.group === String(group)).map(({ ifname }) => ifname));
  const ports = ofKind(PORT, rows);
  for (const { ifname, master } of ports.filter((port) => ours.has(port.master) && !ours.has(port.ifname))) {
    const there = await observeJoining(machine, master);
    if (there === null) continue;
    const lines = [...moveLines(there, ifname), `link set ${ifname} nomaster\n`];
    await machine.run(['ip', '-batch', '-'], { input: lines.join('') });
  }
}

/** Gives an interface what it had where its bridge was taken away by somebody, and its addresses with it. */
export async function giveBack(machine: Machine, { link, ...had }: Pick<Joining, 'link' | 'addresses' | 'routes'>) {
  const now = await observeJoining(machine, link);
  if (now?.bridge !== null || now.addresses.length > 0) return;
  // A route may have come from what is no more.
  await machine.run(['ip', '-force', '-batch', '-'], { input: moveLines(had, link).join(''), allowFailure: true });
}
