import type { Seat } from '../cluster/cluster.js';
import { bridgeName } from '../cluster/names.js';
import { addressAt, formatSubnet, readCidr, sizeOf, type Subnet } from '../cluster/subnet.js';
import { LAYOUTS, lies, ZONE_NAMES, zoneNames, type Layout, type Zone, type Zoned } from '../cluster/zone.js';
import { NotFoundError, UsageError } from '../errors/errors.js';

/** Zones that were chosen, by the name of the node. */
export type ChosenZones = Readonly<Record<string, string>>;

/** What is asked of the shape of a network. */
export interface ShapeWish {
  /** 2 to 4; it is not divided when absent. */
  readonly zones?: number | undefined;
  readonly nodeZones?: ChosenZones | undefined;
  readonly layout?: Layout | undefined;
}

/** @throws UsageError for a number of zones that can't be, a zone that will not be, and a layout that is none. */
export function assertShape({ zones, nodeZones = {}, layout = 'bridge' }: ShapeWish): void {
  if (!LAYOUTS.includes(layout)) throw new UsageError(`--layout ${layout}: it is ${LAYOUTS.join(' or ')}.`);
  if (zones !== undefined && (!Number.isInteger(zones) || zones < 2 || zones > ZONE_NAMES.length))
    throw new UsageError(`--zones ${zones}: a network has 2 to ${ZONE_NAMES.length} zones, or is not divided.`);
  const names: readonly string[] = ZONE_NAMES.slice(0, zones ?? 0);
  for (const [node, zone] of Object.entries(nodeZones)) {
    if (names.length === 0)
      throw new UsageError('A node is put in a zone where there are zones: say how many.', ADVICE);
    if (!names.includes(zone))
      throw new UsageError(`'${zone}', chosen for ${node}, is no zone: they are ${names.join(', ')}.`);
  }
}

const ADVICE = { suggestions: ['--zones 2'] };

/** Room for a gateway, a node, and the addresses of the network itself and of all: a /30. */
const LEAST = 4;

/** The zones of a network: halves of its subnet, or quarters. @throws UsageError where those are too small. */
export function divide(subnet: Subnet, clusterId: string, { zones, layout = 'bridge' }: ShapeWish): readonly Zone[] {
  const names = zones === undefined ? [null] : ZONE_NAMES.slice(0, zones);
  const bits = Math.ceil(Math.log2(names.length));
  const size = sizeOf(subnet) / 2 ** bits;
  if (size < LEAST) throw new UsageError(`${formatSubnet(subnet)} is too small for ${names.length} zones.`);
  return names.map((name, position) => {
    const part = { base: subnet.base + position * size, prefix: subnet.prefix + bits };
    const bridge = layout === 'bridge' ? bridgeName(clusterId, name) : null;
    return { name, subnet: formatSubnet(part), gateway: addressAt(part, 1), bridge };
  });
}

/** The zone of that name. @throws NotFoundError, with the names that there are. */
export function zoneNamed(network: Zoned, name: string): Zone {
  const zone = network.zones.find((one) => one.name === name);
  if (zone !== undefined) return zone;
  const names = zoneNames(network);
  throw new NotFoundError(
    names.length === 0
      ? `There is no zone ${name}: the network is not divided.`
      : `There is no zone ${name}: there are ${names.join(', ')}.`,
  );
}

type Placed = Pick<Seat, 'group'> & { readonly zone: Zone };

/**
 * A zone for each node that comes: the one that was chosen, or that its chosen address lies in; the others go where the fewest
 * of their group are, then the fewest of all, and then to the first.
 * @param there the nodes that are there, with their zones
 * @throws NotFoundError for a zone that is none; UsageError for an address that lies in another.
 */
export function spread(
  network: Zoned,
  seats: readonly Pick<Seat, 'name' | 'group'>[],
  { zones, addresses }: { readonly zones: ChosenZones; readonly addresses: Readonly<Record<string, string>> },
  there: readonly Placed[] = [],
): readonly Zone[] {
  const fixed = new Map(seats.map(({ name }) => [name, chosenZone(network, name, zones[name], addresses[name])]));
  const placed: Placed[] = [
    ...there,
    ...seats.flatMap(({ name, group }) => {
      const zone = fixed.get(name) ?? null;
      return zone === null ? [] : [{ group, zone }];
    }),
  ];
  return seats.map(({ name, group }) => {
    const zone = fixed.get(name) ?? emptiest(network, group, placed);
    if (fixed.get(name) === null) placed.push({ group, zone });
    return zone;
  });
}

function chosenZone(network: Zoned, node: string, name: string | undefined, address: string | undefined): Zone | null {
  const byName = name === undefined ? null : zoneNamed(network, name);
  const byAddress = network.zones.find(({ subnet }) => address !== undefined && lies(address, subnet)) ?? null;
  if (byName !== null && address !== undefined && byAddress !== byName)
    throw new UsageError(`${address}, chosen for ${node}, is outside its zone ${name ?? ''}: ${byName.subnet}.`);
  return byName ?? byAddress;
}

function emptiest({ zones }: Zoned, group: string | null, placed: readonly Placed[]): Zone {
  const count = (zone: Zone) => placed.filter((one) => one.zone === zone).length;
  const ofGroup = (zone: Zone) => placed.filter((one) => one.zone === zone && one.group === group).length;
  const [first] = [...zones].sort((a, b) => ofGroup(a) - ofGroup(b) || count(a) - count(b));
  if (first === undefined) throw new Error('a network without zones');
  return first;
}

/** Addresses of a network that no host can have, and why. */
export function notForHosts({ zones }: Zoned): ReadonlyMap<string, string> {
  return new Map(
    zones.flatMap(({ name, subnet: text, gateway }) => {
      const subnet = readCidr(text) ?? { base: 0, prefix: 32 };
      const what = name === null ? '' : ` of the zone ${name}`;
      return [
        [addressAt(subnet, 0), `it is the network itself${what}`],
        ...(gateway === null ? [] : [[gateway, `it is the gateway${what}`] as const]),
        [addressAt(subnet, sizeOf(subnet) - 1), `it is the broadcast address${what}`],
      ] as const;
    }),
  );
}
