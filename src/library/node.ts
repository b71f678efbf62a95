import { NotFoundError } from '../errors/errors.js';
import { choose, type Chosen } from '../lifecycle/choose.js';
import { localMachine } from '../lifecycle/context.js';
import { cutEach } from '../lifecycle/faults/cut.js';
import { harmEach } from '../lifecycle/faults/harm.js';
import type { PromotionView } from '../lifecycle/running/promote-node.js';
import { connectionTo, type Connection, type ConnectionRequest } from '../lifecycle/reach/connect.js';
import { killNodes, pauseNodes, resumeNodes } from '../lifecycle/running/signal.js';
import type { VerbView } from '../lifecycle/running/verb.js';
import { statusOf } from '../lifecycle/status.js';
import type { FaultView, NodeView } from '../lifecycle/view.js';
import { contextOf, timeoutOf, type Call, type TimedCall } from './call.js';
import { lastsOf, type Lasting } from './faults.js';
import { promote, rebuild, remove, restart, start, stop, type ForcedCall, type RebuildCall } from './verbs.js';

/** How a program is to connect to a node. */
export type NodeConnectionWords = Pick<ConnectionRequest, 'database' | 'ipv6'>;

/** A node of a cluster, by its name. */
export class Node {
  constructor(
    /** The name of its cluster. */
    readonly cluster: string,
    readonly name: string,
  ) {}

  /**
   * As it is now, said by its server where that answers within `timeout`, 900 ms when absent.
   * @throws NotFoundError
   */
  async status(call: TimedCall = {}): Promise<NodeView> {
    const [view] = await statusOf(localMachine, this.cluster, timeoutOf(call, 900));
    const node = view?.nodes.find(({ name }) => name === this.name);
    if (node === undefined) throw new NotFoundError(`'${this.cluster}' has no ${this.name}.`);
    return node;
  }

  /** How a program connects to this node alone, with the password. It is taken as it is: nobody is asked. */
  async connection(words: NodeConnectionWords = {}): Promise<Connection> {
    return connectionTo({ machine: localMachine, observer: {} }, { ...words, cluster: this.cluster, node: this.name });
  }

  async uri(words: NodeConnectionWords = {}): Promise<string> {
    return (await this.connection(words)).uri;
  }

  /** Returns when it is ready; 2 minutes when no timeout is said. */
  async start(call: TimedCall = {}): Promise<VerbView> {
    return start(this.cluster, [this.name], call);
  }

  /** Ends its server in an orderly way; after 60 s it is killed. */
  async stop(call: TimedCall = {}): Promise<VerbView> {
    return stop(this.cluster, [this.name], call);
  }

  async restart(call: TimedCall = {}): Promise<VerbView> {
    return restart(this.cluster, [this.name], { ...call, rolling: false });
  }

  /** Sends its server a signal, and after SIGKILL returns when it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<VerbView> {
    return killNodes(localMachine, await chosen(this), signal);
  }

  /** Its connections stay open, and it answers nobody. */
  async pause(): Promise<VerbView> {
    return pauseNodes(localMachine, await chosen(this));
  }

  async resume(): Promise<VerbView> {
    return resumeNodes(localMachine, await chosen(this));
  }

  /** Takes the carrier from its link, as if somebody pulled the cable. */
  async cut(words: Lasting = {}, call: Call = {}): Promise<FaultView> {
    return only(await cutEach([await chosen(this)], lastsOf(words), contextOf(call)));
  }

  /** Kills or pauses its server as a fault: `heal`, or the time that it is for, undoes it. */
  async harm(kind: 'kill' | 'pause', words: Lasting = {}, call: Call = {}): Promise<FaultView> {
    return only(await harmEach(kind, [await chosen(this)], lastsOf(words), contextOf(call)));
  }

  /** Makes it the primary. */
  async promote(call: ForcedCall = {}): Promise<PromotionView> {
    return promote(this.cluster, this.name, call);
  }

  /** Gives it all its data anew, from the others; 5 minutes when no timeout is said. */
  async rebuild(call: RebuildCall = {}): Promise<VerbView> {
    return rebuild(this.cluster, this.name, call);
  }

  /** Takes it out of its cluster, and away. */
  async remove(call: ForcedCall = {}): Promise<VerbView> {
    return remove(this.cluster, [this.name], call);
  }
}

async function chosen({ cluster, name }: Node): Promise<Chosen> {
  return only(await choose(localMachine, { words: [cluster, name], all: false }, 'named'));
}

function only<T>([first]: readonly T[]): T {
  if (first === undefined) throw new Error('one was asked for, and none came');
  return first;
}
