import type { Cluster } from '../../cluster/cluster.js';
import type { AttachOptions, Machine } from '../../host/machine.js';
import { CLIENT_FILE } from '../../servers/kind.js';
import { loadPassword } from '../../state/clusters.js';
import type { Door } from '../../topologies/topology.js';
import { choose, type Choice, type Chosen } from '../choose.js';
import { requireRoot } from '../context.js';
import { doorAt, findDoor, type DoorRequest } from '../door.js';
import { selectCluster } from '../select.js';
import { adminDoor } from './admin-door.js';
import type { Heard } from './connect.js';
import { insideArgv, serverIn, type Around } from './inside.js';
import { hostsChosen, runOnEach, type OnNodeLine } from './many.js';

/** What a client is to do, and what is around the user. */
export interface ClientWords extends Around {
  /** Statements that it runs, and ends; absent, it is opened. */
  readonly statement?: string | undefined;
  readonly words: readonly string[];
}

/** Which client to open, where, with what words. */
export interface ClientCall extends ClientWords {
  readonly cluster: string | undefined;
  readonly door: DoorRequest;
  /** To the admin interface of the proxy that is named, and not by way of it. */
  readonly admin: boolean;
}

/**
 * Opens the image's own client on a node, on our own streams, with no password to type; answers its exit code. The
 * working directory is there inside, so that files can be read and written.
 */
export async function openClient(heard: Heard, call: ClientCall): Promise<number> {
  const { machine } = heard;
  requireRoot(machine, 'client');
  const cluster = await selectCluster(machine, call.cluster);
  const { door, password } = call.admin
    ? adminDoor(machine, cluster, call.door)
    : { door: await findDoor(heard, cluster, call.door), password: loadPassword(machine, cluster.name) };
  return machine.attach(await clientArgv(machine, cluster, { door, password }, call), { environment: {} });
}

/**
 * Runs statements by the image's own client on many nodes at once, with nothing to read; answers the worst exit code, which is the
 * highest. Proxies, which lead to nodes, are asked only where they are named.
 */
export async function clientOnNodes(
  machine: Machine,
  choice: Choice,
  words: ClientWords & { readonly statement: string },
  onLine: OnNodeLine,
): Promise<number> {
  requireRoot(machine, 'client');
  const chosen = (await choose(machine, choice, 'named')).map(withServers);
  const tasks = hostsChosen(chosen).map(async ({ cluster, host, name }) => {
    const door = doorAt(cluster, host.name, undefined, 'any');
    const argv = await clientArgv(machine, cluster, { door, password: loadPassword(machine, cluster.name) }, words);
    const run = (streams: AttachOptions) => machine.attach(argv, { ...streams, environment: {} });
    return { name, run };
  });
  return runOnEach(await Promise.all(tasks), onLine);
}

/** Those that answer statements; by names of the nodes where the whole is meant. */
function withServers(one: Chosen): Chosen {
  return { ...one, companions: one.isWhole ? [] : one.companions, attached: [] };
}

interface Come {
  readonly door: Door;
  readonly password: string;
}

async function clientArgv(
  machine: Machine,
  cluster: Cluster,
  { door, password }: Come,
  { statement, words, ...around }: ClientWords,
): Promise<readonly string[]> {
  const { node } = door;
  const { topology, build, rootMounts } = await serverIn(machine, cluster, node);
  const client = topology.client(cluster, door, build, password, statement);
  const secret = { name: 'client', text: client.file, at: CLIENT_FILE };
  const argv = [...client.argv, ...words];
  return insideArgv(
    machine,
    cluster,
    { node, rootMounts, argv, secret, visible: client.visible ?? [], environment: client.environment ?? {} },
    around,
  );
}
