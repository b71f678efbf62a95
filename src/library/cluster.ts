import type { ClusterEvent } from '../cluster/event.js';
import type { ChannelName } from '../cluster/fault.js';
import { parseDuration } from '../cluster/duration.js';
import type { Exposure } from '../cluster/rules.js';
import { NotFoundError } from '../errors/errors.js';
import { events, type EventsRequest } from '../lab/events.js';
import { localMachine } from '../lifecycle/context.js';
import { dump, type DumpView } from '../lifecycle/data/dump.js';
import { load, type LoadView } from '../lifecycle/data/load.js';
import { writerNow } from '../lifecycle/door.js';
import { heal, type HealView } from '../lifecycle/faults/heal.js';
import { listFaults } from '../lifecycle/faults/list.js';
import { matrix, type MatrixView } from '../lifecycle/faults/matrix.js';
import { partition } from '../lifecycle/faults/partition.js';
import { slow } from '../lifecycle/faults/slow.js';
import type { LeaseRequest } from '../lifecycle/lease.js';
import { addNodes } from '../lifecycle/life/add.js';
import type { AddRequest } from '../lifecycle/growth/come.js';
import { conditionOf } from '../lifecycle/life/condition.js';
import { destroyCluster } from '../lifecycle/life/destroy.js';
import { leaseCluster } from '../lifecycle/life/lease.js';
import { listClusters } from '../lifecycle/life/list.js';
import type { PromotionView } from '../lifecycle/running/promote-node.js';
import { optionsOf, type OptionsView } from '../lifecycle/change/options.js';
import type { SetView } from '../lifecycle/change/set.js';
import { resetCluster } from '../lifecycle/life/reset.js';
import { waitFor } from '../lifecycle/life/wait.js';
import { connectionTo, type Connection, type ConnectionRequest } from '../lifecycle/reach/connect.js';
import { expose, unexpose } from '../lifecycle/rules/expose.js';
import type { VerbView } from '../lifecycle/running/verb.js';
import { selectCluster } from '../lifecycle/select.js';
import { statusOf } from '../lifecycle/status.js';
import type { ClusterView, FaultView } from '../lifecycle/view.js';
import { contextOf, timeoutOf, type Call, type TimedCall } from './call.js';
import { partitionRequest, slowRequest, type PartitionWords, type SlowWords } from './faults.js';
import { Node } from './node.js';
import {
  promote,
  rebuild,
  remove,
  restart,
  set,
  start,
  stop,
  upgrade,
  type ForcedCall,
  type RebuildCall,
  type SetCall,
  type UpgradeCall,
} from './verbs.js';

/** Which node, and what for: as `dbns uri` has it. */
export type ConnectionWords = Omit<ConnectionRequest, 'cluster'>;

/** Who comes: as `dbns add` has it. */
export interface AddWords {
  /** How many; one when absent. */
  readonly nodes?: number | undefined;
  readonly image?: string | undefined;
  /** The zone of all that come, or of single ones by name; the others keep the balance. */
  readonly zones?: AddRequest['zones'] | undefined;
  /** The topology's own words. */
  readonly settings?: AddRequest['settings'] | undefined;
}

/** Where files are loaded, and whether others are waited for. */
export interface LoadWords extends TimedCall {
  /** One that takes writes; found when absent. */
  readonly node?: string | undefined;
  /** Where statements go that do not say it. */
  readonly database?: string | undefined;
  /** Until all nodes that run have it; true when absent. */
  readonly wait?: boolean | undefined;
}

/**
 * A cluster on this machine. It holds nothing but the name: whatever is asked is asked of the servers and the machine at that
 * moment, so that a handle is as good in another process, and after a restart. All but `node` and `name` needs root.
 */
export class Cluster implements AsyncDisposable {
  constructor(readonly name: string) {}

  /** The node of a name. Whether there is one shows when it is asked something. */
  node(name: string): Node {
    return new Node(this.name, name);
  }

  /** All members, in their order. */
  async nodes(): Promise<readonly Node[]> {
    const { nodes } = await savedOf(this.name);
    return nodes.map(({ name }) => this.node(name));
  }

  /**
   * The node that takes writes now; of several the first.
   * @throws NotReadyError when none does.
   */
  async primary(): Promise<Node> {
    const { name } = await writerNow(localMachine, await selectCluster(localMachine, this.name));
    return this.node(name);
  }

  /** The cluster and its nodes as they are now; each has `timeout` to answer, 900 ms when absent. */
  async status(call: TimedCall = {}): Promise<ClusterView> {
    const [view] = await statusOf(localMachine, this.name, timeoutOf(call, 900));
    if (view === undefined) throw new NotFoundError(`There is no cluster '${this.name}'.`);
    return view;
  }

  /**
   * How a program connects, with the password.
   * @throws NotReadyError when no node suits; NotFoundError, UsageError.
   */
  async connection(words: ConnectionWords = {}, { observer = {} }: Call = {}): Promise<Connection> {
    return connectionTo({ machine: localMachine, observer }, { ...words, cluster: this.name });
  }

  /** The same as one line, e.g. `mariadb://dbns:secret@10.200.0.2:3306/`. */
  async uri(words: ConnectionWords = {}, call: Call = {}): Promise<string> {
    return (await this.connection(words, call)).uri;
  }

  /** Starts nodes, all when none is named, whatever happened to them; 2 minutes when no timeout is said. */
  async start(names: readonly string[] = [], call: TimedCall = {}): Promise<VerbView> {
    return start(this.name, names, call);
  }

  /** Ends servers, all when none is named, and nothing else. One that takes longer than 60 s is killed. */
  async stop(names: readonly string[] = [], call: TimedCall = {}): Promise<VerbView> {
    return stop(this.name, names, call);
  }

  /** Stops and starts nodes; `rolling`: one at a time, the primary last. */
  async restart(
    names: readonly string[] = [],
    { rolling = false, ...call }: TimedCall & { readonly rolling?: boolean } = {},
  ): Promise<VerbView> {
    return restart(this.name, names, { ...call, rolling });
  }

  /** Adds nodes, and returns when they are ready; 5 minutes when no timeout is said. */
  async add({ nodes, image, zones, settings = {} }: AddWords = {}, call: TimedCall = {}): Promise<readonly Node[]> {
    const request = { nodes: nodes ?? null, image, zones, settings };
    const added = await addNodes(this.name, request, { timeout: timeoutOf(call, '5m') }, contextOf(call));
    return added.nodes.map(({ node }) => this.node(node));
  }

  /** Takes nodes away; `force` whatever that means for those that stay. */
  async remove(names: readonly string[], call: ForcedCall = {}): Promise<VerbView> {
    return remove(this.name, names, call);
  }

  /**
   * Gives a node all its data anew, from the others; 5 minutes when no timeout is said.
   * @throws ConflictError for one that takes writes.
   */
  async rebuild(name: string, call: RebuildCall = {}): Promise<VerbView> {
    return rebuild(this.name, name, call);
  }

  /** What differs from the servers' defaults, and between nodes; 5 s to answer when no timeout is said. */
  async options(call: TimedCall & { readonly nodes?: readonly string[] } = {}): Promise<OptionsView> {
    return optionsOf(localMachine, this.name, { nodes: call.nodes ?? [], all: false, timeout: timeoutOf(call, '5s') });
  }

  /**
   * Changes options of servers that live, and keeps them, e.g. `{ max_connections: 500 }`; null takes back what was given.
   * @throws UsageError for what can't be given, or the server refuses: then all is as before.
   */
  async set(options: Readonly<Record<string, string | number | null>>, call: SetCall = {}): Promise<SetView> {
    return set(this.name, options, call);
  }

  /**
   * Gives nodes a newer server on the same data, one at a time; 5 minutes a node when no timeout is said.
   * @throws UsageError for a way back, or one that the vendor does not support.
   */
  async upgrade(image: string, call: UpgradeCall = {}): Promise<VerbView> {
    return upgrade(this.name, image, call);
  }

  /** Makes a node the primary; `force` where the old one is dead, and then it says what is lost. */
  async promote(name: string, call: ForcedCall = {}): Promise<PromotionView> {
    return promote(this.name, name, call);
  }

  /**
   * Asks servers again and again until they are as wanted.
   * @param words ready, synced, primary, role=ROLE, size=N, lag=DURATION, stopped, dead
   * @param call 30 s when no timeout is said; `nodes`: names of those that are meant, else all that are wanted running
   * @throws NotReadyError with what was amiss last; UsageError for other words.
   */
  async wait(
    words = 'ready',
    { nodes = [], ...call }: TimedCall & { readonly nodes?: readonly string[] } = {},
  ): Promise<ClusterView> {
    const condition = conditionOf(words, parseDuration);
    const request = { cluster: this.name, nodes, condition, words, timeout: timeoutOf(call, '30s') };
    return waitFor(request, contextOf(call));
  }

  /** Lets packets between nodes disappear. */
  async partition(words: PartitionWords, call: Call = {}): Promise<FaultView> {
    return partition(partitionRequest(this.name, words), contextOf(call));
  }

  /** @throws MachineError where the kernel can't, saying what it can. */
  async slow(words: SlowWords, call: Call = {}): Promise<FaultView> {
    return slow(slowRequest(this.name, words), contextOf(call));
  }

  /** What is broken on purpose now. */
  async faults(): Promise<readonly FaultView[]> {
    const [found] = await listFaults(localMachine, this.name);
    return found?.faults ?? [];
  }

  /**
   * Ends faults, all when no ids are said, undoes what they did, and proves that nodes talk again. 60 s when no timeout is
   * said.
   * @throws NotReadyError when they do not.
   */
  async heal(ids: readonly string[] = [], call: TimedCall = {}): Promise<HealView> {
    return heal({ cluster: this.name, faults: ids, timeout: timeoutOf(call, '60s') }, contextOf(call));
  }

  /** Tries who reaches whom, at the port of a channel, or where clients come in. */
  async matrix(channel: ChannelName | null = null, call: TimedCall = {}): Promise<MatrixView> {
    return matrix(this.name, channel, timeoutOf(call, '500ms'), contextOf(call));
  }

  /** What happened, and with `follow` what happens, until the signal is aborted or the cluster is gone. */
  events(request: Omit<EventsRequest, 'machine'> = {}): AsyncIterable<ClusterEvent> {
    return events(this.name, request);
  }

  /**
   * Lets a port of the machine lead to a host of the cluster, or to whoever takes writes.
   * @param port of the machine: that of the host when absent, 0 picks one
   */
  async expose(to: string | { readonly role: 'primary' }, port?: number): Promise<Exposure> {
    const target = typeof to === 'string' ? { host: to } : to;
    return expose(localMachine, { cluster: this.name, to: target, hostPort: port });
  }

  /** Takes ports of the machine away that lead here: all when none is said. */
  async unexpose(port?: number): Promise<readonly Exposure[]> {
    return unexpose(localMachine, { cluster: this.name, hostPort: port });
  }

  /** Says anew for how long the cluster is there; null: until somebody destroys it. */
  async lease(request: LeaseRequest | null): Promise<ClusterView> {
    return leaseCluster(this.name, request, { machine: localMachine });
  }

  /**
   * Loads files one after another, as `dbns load` does, and returns when all nodes that run have them; 10 minutes for that when
   * no timeout is said.
   * @throws UsageError for a statement that the server refuses, with its line; what was loaded before stays.
   */
  async load(files: readonly string[], { node, database, wait = true, ...call }: LoadWords = {}): Promise<LoadView> {
    const request = { cluster: this.name, files, node, database, wait, timeout: timeoutOf(call, '10m') };
    return load(request, contextOf(call));
  }

  /** Writes databases, all that users made when none is named, into a file that is whole or not there; .gz and .zst are packed. */
  async dump(file: string, databases: readonly string[] = [], call: Call = {}): Promise<DumpView> {
    return dump({ cluster: this.name, databases, to: { path: file, owner: null } }, contextOf(call));
  }

  /**
   * Puts it back to the state in which its create returned: same addresses and password, nothing of before; servers restart, so
   * connections end. 2 minutes when no timeout is said.
   */
  async reset({ toInit, ...call }: TimedCall & { readonly toInit?: boolean } = {}): Promise<VerbView> {
    return resetCluster(this.name, { timeout: timeoutOf(call, '2m'), toInit }, contextOf(call));
  }

  /** Removes it, and all that it made. */
  async destroy(call: Call = {}): Promise<void> {
    await destroyCluster(this.name, contextOf(call));
  }

  /** The same; one that is gone is fine. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.destroy().catch((error: unknown) => {
      if (!(error instanceof NotFoundError)) throw error;
    });
  }
}

/** As it is saved: nobody is asked. */
async function savedOf(name: string): Promise<ClusterView> {
  const view = (await listClusters(localMachine)).find((cluster) => cluster.name === name);
  if (view === undefined) throw new NotFoundError(`There is no cluster '${name}'.`);
  return view;
}
