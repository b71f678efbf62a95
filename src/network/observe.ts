import * as v from 'valibot';
import { ofKind } from '../cluster/schemas.js';
import { readCidr, type Subnet } from '../cluster/subnet.js';
import type { Machine } from '../host/machine.js';
import type { LinkEnd } from './segment.js';

/** A subnet that the machine routes or holds an address of, with the words that the kernel uses for it. */
export interface TakenSubnet extends Subnet {
  readonly text: string;
}

/** A base chain that another firewall put on the forward hook and that drops by default. */
export interface ForwardChain {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
}

/** What the machine's network looks like before anything is planned. */
export interface NetworkObservation {
  readonly taken: readonly TakenSubnet[];
  /** Interfaces of the default routes. */
  readonly uplinks: readonly string[];
  readonly links: readonly (LinkEnd & { readonly name: string; readonly group: string })[];
  readonly namespaces: readonly string[];
  readonly tables: readonly string[];
  readonly chains: readonly { readonly family: string; readonly table: string; readonly chain: string }[];
  readonly droppingForwardChains: readonly ForwardChain[];
}

const ROUTE = v.object({
  dst: v.string(),
  dev: v.optional(v.string()),
  type: v.optional(v.string()),
  /** The ways of a multipath route. */
  nexthops: v.optional(v.array(v.object({ dev: v.optional(v.string()) })), []),
});
const LINK = v.object({
  ifname: v.string(),
  group: v.optional(v.string(), 'default'),
  master: v.optional(v.string()),
  addr_info: v.optional(
    v.array(v.partial(v.object({ family: v.string(), local: v.string(), address: v.string(), prefixlen: v.number() }))),
    [],
  ),
});
const LISTING = v.object({ nftables: v.array(v.unknown()) });
const TABLE = v.object({ table: v.object({ name: v.string() }) });
const CHAIN = v.object({
  chain: v.object({
    family: v.string(),
    table: v.string(),
    name: v.string(),
    hook: v.optional(v.string()),
    policy: v.optional(v.string()),
  }),
});

/** Looks at routes, addresses, links, namespaces and chains in three processes. Without root, nft shows nothing. */
export async function observeNetwork(machine: Machine): Promise<NetworkObservation> {
  const [routing, chains, namespaces] = await Promise.all([
    observeRouting(machine),
    observeChains(machine),
    machine.files.list(machine.roots.netns),
  ]);
  return {
    ...routing,
    ...chains,
    namespaces: namespaces.map((entry) => entry.name),
  };
}

/** @param into the argv that leads into another network namespace than the machine's */
export async function observeRouting(machine: Machine, into: readonly string[] = []) {
  const { stdout } = await machine.run([...into, 'ip', '-4', '-json', '-batch', '-'], {
    input: 'route show table all\naddress show\nlink show\n',
  });
  return readRouting(stdout);
}

/** Reads what `ip -json -batch` printed for routes, addresses and links: one JSON document a line. */
export function readRouting(output: string): Pick<NetworkObservation, 'taken' | 'uplinks' | 'links'> {
  const rows = output
    .split('\n')
    .filter((line) => line.startsWith('['))
    .flatMap((line) => v.parse(v.array(v.unknown()), JSON.parse(line)));
  const routes = ofKind(ROUTE, rows);
  const links = ofKind(LINK, rows);
  const addresses = links.flatMap((link) => link.addr_info).filter((address) => address.family === 'inet');
  const uplinks = routes.filter(isDefault).flatMap((route) => [route.dev, ...route.nexthops.map(({ dev }) => dev)]);
  const texts = [
    ...routes.filter((route) => !isDefault(route) && !SPECIAL_ROUTES.has(route.type ?? '')).map(describeRoute),
    ...addresses.map(({ local = '', prefixlen = 32 }) => ({ cidr: local, text: `the address ${local}/${prefixlen}` })),
  ];
  return {
    taken: texts.flatMap(({ cidr, text }) => {
      const subnet = readCidr(cidr);
      return subnet === null ? [] : [{ ...subnet, text }];
    }),
    uplinks: [...new Set(uplinks.filter((uplink) => uplink !== undefined))],
    links: linksIn(links),
  };
}

/** Links are shown twice, and by one of both without their addresses. */
function linksIn(shown: readonly v.InferOutput<typeof LINK>[]): NetworkObservation['links'] {
  const names = [...new Set(shown.map(({ ifname }) => ifname))];
  return names.map((name) => {
    const same = shown.filter(({ ifname }) => ifname === name);
    const own = same.flatMap(({ addr_info }) => addr_info).filter(({ family }) => family === 'inet');
    return {
      ...{ name, group: same[0]?.group ?? 'default', bridge: same.flatMap(({ master }) => master ?? [])[0] ?? null },
      addresses: own.flatMap(({ local, address }) => [local ?? [], address ?? []].flat()),
    };
  });
}

/** A VPN may put two halves of everything over the default route: they lead out, and take no subnet. */
function isDefault({ dst }: v.InferOutput<typeof ROUTE>): boolean {
  return (readCidr(dst)?.prefix ?? 32) <= 1;
}

/** Routes of the kernel's own that say nothing about what lies where. */
const SPECIAL_ROUTES: ReadonlySet<string> = new Set(['broadcast', 'multicast', 'local', 'anycast']);

function describeRoute(route: v.InferOutput<typeof ROUTE>) {
  return { cidr: route.dst, text: `the route ${route.dst}${route.dev === undefined ? '' : ` dev ${route.dev}`}` };
}

async function observeChains(machine: Machine) {
  if (!machine.isRoot) return { tables: [], chains: [], droppingForwardChains: [] };
  const { stdout } = await machine.run(['nft', '-j', 'list tables; list chains']);
  return readChains(stdout);
}

/** Reads what `nft -j 'list tables; list chains'` printed: one JSON document a line. A table may have no chain. */
export function readChains(output: string): Pick<NetworkObservation, 'tables' | 'chains' | 'droppingForwardChains'> {
  const documents = output.split('\n').filter((line) => line.startsWith('{'));
  const rows = documents.flatMap((line) => v.parse(LISTING, JSON.parse(line)).nftables);
  const named = ofKind(TABLE, rows).map(({ table }) => table.name);
  const found = ofKind(CHAIN, rows).map(({ chain }) => chain);
  const chains = found.map(({ family, table, name }) => ({ family, table, chain: name }));
  const dropping = found.filter(
    ({ hook, policy, family }) => hook === 'forward' && policy === 'drop' && FORWARD_FAMILIES.has(family),
  );
  return {
    tables: [...new Set([...named, ...found.map(({ table }) => table)])],
    chains,
    droppingForwardChains: dropping.map(({ family, table, name }) => ({ family, table, chain: name })),
  };
}

/** Families whose forward chains IPv4 packets meet. */
const FORWARD_FAMILIES: ReadonlySet<string> = new Set(['ip', 'inet']);
