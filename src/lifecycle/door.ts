import type { Cluster, Node } from '../cluster/cluster.js';
import { companionKind } from '../companions/registry.js';
import { NotReadyError, UsageError } from '../errors/errors.js';
import { topologyNamed } from '../topologies/registry.js';
import { suits, type Role } from '../topologies/routes.js';
import type { Door } from '../topologies/topology.js';
import type { Context } from './context.js';
import { namingFaults, withFaults } from './ground/name-faults.js';
import { routesNow, type Found } from './keeping/routes-now.js';
import { selectProgram } from './select.js';

/** How long a node may take to answer, ms. */
const ANSWER_TIMEOUT = 2000;

/** By which node a client comes in. */
export interface DoorRequest {
  /** It alone is meant, and is not asked. */
  readonly node?: string | undefined;
  /** The name of one of its ports; `client` when it is not said. */
  readonly port?: string | undefined;
  /** What the client is for; absent, it writes, and may be told of all nodes that serve. */
  readonly role?: Role | undefined;
}

/**
 * The node that was named; else the servers are asked, and the first that suits is taken. Those before it that do not
 * answer are told.
 * @throws UsageError for both a node and a role; NotFoundError for a node that is not there; NotReadyError when none suits.
 */
export async function findDoor(
  { machine, observer }: Pick<Context, 'machine' | 'observer'>,
  cluster: Cluster,
  request: DoorRequest,
): Promise<Door> {
  const { role = 'primary' } = request;
  if (request.node !== undefined) {
    if (request.role !== undefined) throw new UsageError('--role looks for a node: name a node, or its role.');
    return doorAt(cluster, request.node, request.port, role);
  }
  if (request.port !== undefined) throw new UsageError('--port is one of a node or proxy: name it.');
  return namingFaults(machine, cluster.name, () => doorFor({ machine, observer }, cluster, request.role));
}

/** One that suits now. */
async function doorFor(
  { machine, observer }: Pick<Context, 'machine' | 'observer'>,
  cluster: Cluster,
  asked: Role | undefined,
): Promise<Door> {
  const role = asked ?? 'primary';
  const { routes } = topologyNamed(cluster.topology);
  const { entries, found } = await routesNow(machine, cluster, ANSWER_TIMEOUT);
  const having = (wanted: Role) => entries.filter(({ name }) => isRoute(found.get(name), wanted));
  const [suiting] = having(role);
  // Who finds the others by itself needs no more than somebody to begin with.
  const node = suiting ?? (routes.clientsFollow ? (having('any')[0] ?? entries[0]) : undefined);
  if (node === undefined) {
    throw new NotReadyError(noneSentence(cluster, role, entries, found), {
      suggestions: [`dbns status ${cluster.name}`, 'Or name a node: it is taken as it is.'],
    });
  }
  const warnings =
    suiting === undefined
      ? [noneSentence(cluster, role, entries, found)]
      : [...passedOver(entries, found, node, role), ...alarmsOf(node, found.get(node.name))];
  for (const warning of warnings) observer.warned?.(warning);
  const others = having(asked ?? 'any').filter((other) => other !== node);
  return { node, named: false, proxied: false, verifiable: true, role, nodes: [node, ...others] };
}

/**
 * The first node that takes writes, as the servers say.
 * @throws NotReadyError when none does.
 */
export async function writerNow(machine: Context['machine'], cluster: Cluster): Promise<Node> {
  const { entries, found } = await routesNow(machine, cluster, ANSWER_TIMEOUT);
  const node = entries.find(({ name }) => isRoute(found.get(name), 'primary'));
  if (node !== undefined) return node;
  const none = new NotReadyError(noneSentence(cluster, 'primary', entries, found), {
    suggestions: [`dbns status ${cluster.name}`],
  });
  throw await withFaults(machine, cluster.name, none);
}

/** A node, as itself; a proxy, as if it were one of the nodes. */
export function doorAt(cluster: Cluster, name: string, port: string | undefined, role: Role): Door {
  const program = selectProgram(cluster, name);
  const { ports, address, namespace, socket } = program;
  const chosen = ports[port ?? 'client'];
  if (chosen === undefined)
    throw new UsageError(`${name} has no port '${port}'. It has: ${Object.keys(ports).join(', ')}.`);
  const node = cluster.nodes.find((candidate) => candidate.name === name);
  const like = node ?? cluster.nodes[0];
  if (like === undefined) throw new Error('a cluster without nodes');
  const at = { ...like, name, ports: { ...ports, client: chosen }, address, namespace, socket };
  const companion = cluster.companions.find((candidate) => candidate.name === name);
  const verifiable = companion === undefined || companionKind(companion.kind).passesTls;
  return { node: at, named: true, proxied: companion !== undefined, verifiable, role, nodes: [at] };
}

const DOES: Readonly<Record<Role, string>> = {
  primary: 'takes writes',
  replica: 'serves reads',
  any: 'takes writes or serves reads',
};

function isRoute(found: Found | undefined, role: Role): boolean {
  return typeof found === 'object' && suits(found, role);
}

/** Who would have been taken before, had it answered; where any node does, all that do not. */
function passedOver(entries: readonly Node[], found: ReadonlyMap<string, Found>, node: Node, role: Role) {
  const before = role === 'any' ? entries : entries.slice(0, entries.indexOf(node));
  return before.flatMap(({ name }) => {
    const is = found.get(name);
    return typeof is === 'string' ? [`${name} is ${is}, and passed over.`] : [];
  });
}

function alarmsOf({ name }: Node, found: Found | undefined): readonly string[] {
  return typeof found === 'object' && found.alarm !== null ? [`${name}: ${found.alarm}.`] : [];
}

/** `No node of 'a' takes writes now: node1 is dead, node2 is a replica.` */
function noneSentence(
  { name: cluster }: Cluster,
  role: Role,
  entries: readonly Node[],
  found: ReadonlyMap<string, Found>,
): string {
  const what = entries.map(({ name }) => {
    const is = found.get(name);
    return `${name} is ${typeof is === 'object' ? is.is : (is ?? 'missing')}`;
  });
  return `No node of '${cluster}' ${DOES[role]} now: ${what.join(', ')}.`;
}
