import * as v from 'valibot';
import { hostsOf, programsOf, type Cluster, type Program } from '../../cluster/cluster.js';
import { addressesOf } from '../../cluster/family.js';
import { ofKind } from '../../cluster/schemas.js';
import { NotFoundError, UsageError } from '../../errors/errors.js';
import { lacks } from '../../host/lacks.js';
import type { Machine, OwnFile } from '../../host/machine.js';
import { insideOf } from '../../network/inside-of.js';
import { insideNames, insidesThere, isJoinedByRouting } from '../../network/insides.js';
import { inNamespace } from '../../process/container.js';
import { requireRoot } from '../context.js';
import { assertNamespace, selectCluster, selectHost } from '../select.js';

/** What to capture, and where it goes. */
export interface CaptureCall {
  readonly cluster: string;
  /** On the cluster's bridges, or links, when undefined: what nodes send to each other, and out. */
  readonly node: string | undefined;
  /** Of these ports alone, by their names or numbers; of all when empty. */
  readonly ports: readonly string[];
  /** Words of tcpdump's own language, e.g. `host`, `node2`. */
  readonly filter: readonly string[];
  /** The packets go there instead of being told; `stdout` passes them on. */
  readonly output: OwnFile | 'stdout' | null;
}

/**
 * Runs the machine's tcpdump where a node, or the whole cluster, sends and receives, on our own streams, until it is
 * interrupted; answers its exit code.
 * @throws UsageError, NotFoundError; MachineError where there is no tcpdump.
 */
export async function capture(machine: Machine, call: CaptureCall): Promise<number> {
  requireRoot(machine, `capture ${call.cluster}`);
  const cluster = await selectCluster(machine, call.cluster);
  const node = call.node === undefined ? undefined : selectHost(cluster, call.node);
  const programs = programsOf(cluster);
  const named = programs.filter(({ name }) => name === node?.name);
  const words = filterOf(named.length === 0 ? programs : named, call);
  if (node === undefined) assertStands(machine, cluster);
  else assertNamespace(machine, node);
  if (machine.which('tcpdump') === null) throw lacks('tcpdump');
  const { link, filter } =
    node === undefined ? await everywhere(machine, cluster, words) : { link: insideOf(node), filter: words };
  const argv = tcpdumpArgv(link, filter, call.output);
  return whileThere(machine, cluster, (signal) =>
    machine.attach(node === undefined ? argv : inNamespace(node.namespace, argv), {
      ...(typeof call.output === 'object' && call.output !== null && { into: call.output }),
      signal,
    }),
  );
}

/** How often it is looked whether there is a network still, ms: who listens to all interfaces sees none go. */
const LOOK = 500;
const NETWORK_GONE = 1;

async function whileThere(
  machine: Machine,
  cluster: Cluster,
  act: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const gone = new AbortController();
  const look = setInterval(() => {
    if (insidesThere(machine, cluster).length === 0) gone.abort();
  }, LOOK);
  try {
    const exitCode = await act(gone.signal);
    return gone.signal.aborted ? NETWORK_GONE : exitCode;
  } finally {
    clearInterval(look);
  }
}

/**
 * Names are not looked up: that would make packets. Packets come at once: else those of the last second are lost when it is
 * interrupted. What stands after `--` is no option, whatever it begins with.
 */
function tcpdumpArgv(link: string, filter: string, output: CaptureCall['output']): readonly string[] {
  // A reader of our stdout gets each packet when it comes.
  const how = output === null ? ['-l'] : ['-w', '-', ...(output === 'stdout' ? ['-U'] : [])];
  return ['tcpdump', '--immediate-mode', '-n', '-i', link, ...how, '--', ...(filter === '' ? [] : [filter])];
}

/** @throws UsageError for a port of no such name, and for options of tcpdump where a filter belongs. */
export function filterOf(
  nodes: readonly Pick<Program, 'ports'>[],
  { ports, filter }: Pick<CaptureCall, 'ports' | 'filter'>,
): string {
  const option = filter.find((word) => /^-+[a-z]/i.test(word));
  if (option !== undefined) {
    throw new UsageError(
      `'${option}' is an option of tcpdump; what stands after -- is a filter alone, e.g. host node2.`,
      {
        suggestions: ['For all that tcpdump can: dbns exec CLUSTER NODE -- tcpdump …'],
      },
    );
  }
  const words = filter.join(' ').trim();
  const chosen = [...new Set(ports.flatMap((port) => portsNamed(nodes, port)))].map((port) => `port ${port}`);
  return [chosen.join(' or '), words]
    .filter((part) => part !== '')
    .map((part, _, parts) => (parts.length > 1 ? `(${part})` : part))
    .join(' and ');
}

function portsNamed(nodes: readonly Pick<Program, 'ports'>[], port: string): readonly number[] {
  if (/^\d+$/.test(port)) {
    if (Number(port) >= 1 && Number(port) <= 65_535) return [Number(port)];
    throw new UsageError(`--port ${port}: ports are 1 to 65535.`);
  }
  const found = nodes.flatMap(({ ports }) => (Object.hasOwn(ports, port) ? [ports[port] ?? 0] : []));
  if (found.length > 0) return found;
  const names = [...new Set(nodes.flatMap(({ ports }) => Object.keys(ports)))];
  throw new UsageError(
    `--port ${port}: there is no port of that name. There are: ${names.join(', ')}; or write a number.`,
  );
}

function assertStands(machine: Machine, cluster: Cluster): void {
  if (insidesThere(machine, cluster).length > 0) return;
  const { name, network } = cluster;
  const gone = insideNames(network, hostsOf(cluster)).join(', ');
  throw new NotFoundError(`The network of '${name}' is gone: ${gone}.`, { suggestions: [`dbns start ${name}`] });
}

/**
 * One bridge has all packets, and in a LAN others' too. Else they are taken at the machine's ends of links: each where it comes from a host, and what no
 * host of the cluster sent where it leaves for one, so once. Bridges do not show what they pass on to who listens everywhere.
 */
async function everywhere(
  machine: Machine,
  cluster: Cluster,
  words: string,
): Promise<{ link: string; filter: string }> {
  const [bridge = ''] = insidesThere(machine, cluster);
  if (cluster.network.lan === null && !isJoinedByRouting(cluster.network)) return { link: bridge, filter: words };
  const ends = hostsOf(cluster).map(({ link }) => link);
  const { stdout } = await machine.run(['ip', '-json', 'link', 'show', 'group', String(cluster.network.linkGroup)]);
  const links = ofKind(LINK, v.parse(v.array(v.unknown()), JSON.parse(stdout)));
  const numbers = links.flatMap(({ ifname, ifindex }) => (ends.includes(ifname) ? [`ifindex ${ifindex}`] : []));
  const interfaces = numbers.join(' or ');
  const hosts = hostsOf(cluster).flatMap((host) =>
    addressesOf(cluster.network, host).map((address) => `src host ${address}`),
  );
  const once = `(${interfaces}) and (inbound or not (${hosts.join(' or ')}))`;
  return { link: 'any', filter: words === '' ? once : `${once} and (${words})` };
}

const LINK = v.object({ ifname: v.string(), ifindex: v.number() });
