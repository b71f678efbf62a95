import * as v from 'valibot';
import { ofKind } from '../cluster/schemas.js';
import { readCidr, type Subnet } from '../cluster/subnet.js';
import type { Machine } from '../host/machine.js';
import type { LinkEnd } from './segment.js';

/** A subnet that the machine routes or holds an address of, with the words that the kernel uses for it. */
export interface TakenSubnet extends Subnet {
  readonly text: string;
}

/** The same of IPv6. */
export interface TakenPrefix {
  /** As the kernel has it; an address alone is one too. */
  readonly cidr: string;
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
  /** Where nobody asks for IPv6 it is not looked for. */
  readonly takenIpv6: readonly TakenPrefix[];
  /** Interfaces of the default routes, of all families that were looked at. */
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

/**
 * Looks at routes, addresses, links, namespaces and chains in three processes, in one more where IPv6 is wanted. Without root,
 * nft shows nothing.
 */
export async function observeNetwork(machine: Machine, { ipv6 = false }: Looked = {}): Promise<NetworkObservation> {
  const [routing, routing6, chains, namespaces] = await Promise.all([
    observeRouting(machine),
    ipv6 ? observeIpv6(machine) : null,
    observeChains(machine, ipv6),
    machine.files.list(machine.roots.netns),
  ]);
  return {
    ...routing,
    takenIpv6: routing6?.taken ?? [],
    uplinks: [...new Set([...routing.uplinks, ...(routing6?.uplinks ?? [])])],
    links: routing.links.map((link) => ({
      ...link,
      addresses: [...link.addresses, ...(routing6?.addresses.get(link.name) ?? [])],
    })),
    ...chains,
    namespaces: namespaces.map((entry) => entry.name),
  };
}

/** What is looked at. */
interface Looked {
  readonly ipv6?: boolean | undefined;
}

const LOOK = 'route show table all\naddress show\nlink show\n';

async function observeIpv6(machine: Machine) {
  const { stdout } = await machine.run(['ip', '-6', '-json', '-batch', '-'], { input: LOOK });
  return readIpv6(stdout);
}

/** Reads what the same printed of IPv6. */
export function readIpv6(output: string) {
  const { texts, uplinks, links } = readRows(output, 'inet6');
  return {
    taken: texts,
    uplinks,
    addresses: new Map(links.map(({ name, addresses }) => [name, addresses])),
  };
}

/** @param into the argv that leads into another network namespace than the machine's */
export async function observeRouting(machine: Machine, into: readonly string[] = []) {
  const { stdout } = await machine.run([...into, 'ip', '-4', '-json', '-batch', '-'], {
    input: LOOK,
  });
  return readRouting(stdout);
}

/** Reads what `ip -json -batch` printed for routes, addresses and links: one JSON document a line. */
export function readRouting(output: string): Pick<NetworkObservation, 'taken' | 'uplinks' | 'links'> {
  const { texts, uplinks, links } = readRows(output, 'inet');
  return {
    taken: texts.flatMap(({ cidr, text }) => {
      const subnet = readCidr(cidr);
      return subnet === null ? [] : [{ ...subnet, text }];
    }),
    ...{ uplinks, links },
  };
}

function readRows(output: string, family: 'inet' | 'inet6') {
  const rows = output
    .split('\n')
    .filter((line) => line.startsWith('['))
    .flatMap((line) => v.parse(v.array(v.unknown()), JSON.parse(line)));
  const routes = ofKind(ROUTE, rows);
  const links = ofKind(LINK, rows);
  const addresses = links.flatMap((link) => link.addr_info).filter((address) => address.family === family);
  const uplinks = routes
    .filter((route) => isDefault(route) && !NOWHERE.has(route.type ?? ''))
    .flatMap((route) => [route.dev, ...route.nexthops.map(({ dev }) => dev)]);
  const texts = [
    ...routes.filter((route) => !isDefault(route) && !SPECIAL_ROUTES.has(route.type ?? '')).map(describeRoute),
    ...addresses.map(({ local = '', prefixlen = 32 }) => ({ cidr: local, text: `the address ${local}/${prefixlen}` })),
  ];
  return {
    texts,
    uplinks: [...new Set(uplinks.filter((uplink) => uplink !== undefined))],
    links: linksIn(links, family),
  };
}

/** Links are shown twice, and by one of both without their addresses. */
function linksIn(shown: readonly v.InferOutput<typeof LINK>[], family: string): NetworkObservation['links'] {
  const names = [...new Set(shown.map(({ ifname }) => ifname))];
  return names.map((name) => {
    const same = shown.filter(({ ifname }) => ifname === name);
    const own = same.flatMap(({ addr_info }) => addr_info).filter((address) => address.family === family);
    return {
      ...{ name, group: same[0]?.group ?? 'default', bridge: same.flatMap(({ master }) => master ?? [])[0] ?? null },
      addresses: own.flatMap(({ local, address }) => [local ?? [], address ?? []].flat()),
    };
  });
}

/** A VPN may put two halves of everything over the default route: they lead out, and take no subnet. */
function isDefault({ dst }: v.InferOutput<typeof ROUTE>): boolean {
  return dst === 'default' || Number(dst.split('/')[1] ?? 32) <= 1;
}

/** Who has no IPv6 outside may be told so by a route. */
const NOWHERE: ReadonlySet<string> = new Set(['unreachable', 'blackhole', 'prohibit', 'throw']);

/** Routes of the kernel's own that say nothing about what lies where. */
const SPECIAL_ROUTES: ReadonlySet<string> = new Set(['broadcast', 'multicast', 'local', 'anycast']);

function describeRoute(route: v.InferOutput<typeof ROUTE>) {
  return { cidr: route.dst, text: `the route ${route.dst}${route.dev === undefined ? '' : ` dev ${route.dev}`}` };
}

async function observeChains(machine: Machine, ipv6: boolean) {
  if (!machine.isRoot) return { tables: [], chains: [], droppingForwardChains: [] };
  const { stdout } = await machine.run(['nft', '-j', 'list tables; list chains']);
  return readChains(stdout, ipv6 ? [...FORWARD_FAMILIES, 'ip6'] : FORWARD_FAMILIES);
}

/** Reads what `nft -j 'list tables; list chains'` printed: one JSON document a line. A table may have no chain. */
export function readChains(
  output: string,
  families: readonly string[] = FORWARD_FAMILIES,
): Pick<NetworkObservation, 'tables' | 'chains' | 'droppingForwardChains'> {
  const documents = output.split('\n').filter((line) => line.startsWith('{'));
  const rows = documents.flatMap((line) => v.parse(LISTING, JSON.parse(line)).nftables);
  const named = ofKind(TABLE, rows).map(({ table }) => table.name);
  const found = ofKind(CHAIN, rows).map(({ chain }) => chain);
  const chains = found.map(({ family, table, name }) => ({ family, table, chain: name }));
  const dropping = found.filter(
    ({ hook, policy, family }) => hook === 'forward' && policy === 'drop' && families.includes(family),
  );
  return {
    tables: [...new Set([...named, ...found.map(({ table }) => table)])],
    chains,
    droppingForwardChains: dropping.map(({ family, table, name }) => ({ family, table, chain: name })),
  };
}

/** Families whose forward chains IPv4 packets meet. */
const FORWARD_FAMILIES: readonly string[] = ['ip', 'inet'];
