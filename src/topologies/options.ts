import type { Node, ServerOption } from '../cluster/cluster.js';
import type { Plan } from '../cluster/plan.js';
import type { Asked } from './asked.js';
import type { Setting } from './setting.js';

/** An option as a server has it now. */
export interface OptionNow {
  /** In the server's spelling, lower case. */
  readonly name: string;
  /** As the server writes it; null is NULL. */
  readonly value: string | null;
  /** The server's own; null where it does not tell it. */
  readonly default: string | null;
  /** Where it has the value from, in its own word: `CONFIG`, `EXPLICIT`, `DYNAMIC` … */
  readonly origin: string;
  /** Somebody said it, and its value is not the default as far as that is known. */
  readonly isChanged: boolean;
}

/** Options that change: `value` null takes what was given back. */
export type OptionChange = ServerOption;

/** What became of an option at a server that runs. */
export interface Told {
  /** As `idOf` has it. */
  readonly id: string;
  /** `live`: it is in force. `restart`: it is when the server starts again. `refused`: the server takes no such value. */
  readonly outcome: 'live' | 'restart' | 'refused';
  /** The server's own words, where it said any. */
  readonly why: string | null;
}

/** Options of servers that live. A part of a topology. */
export interface Options {
  /** What the servers say that run, all asked at once, by name; for one that does not answer within `timeout` ms why. */
  ask(
    asked: Asked,
    nodes: readonly Node[],
    timeout: number,
  ): Promise<ReadonlyMap<string, readonly OptionNow[] | Error>>;
  /** Whether an option makes a node what it is: its place, its number. */
  isOwn(name: string): boolean;
  /** By what it is known that two words are about one option. */
  idOf(option: Pick<ServerOption, 'key' | 'value'>): string;
  /** Whether a server has what was given, as far as that can be told. */
  isInForce(given: ServerOption, now: OptionNow | undefined): boolean;
  /** @throws UsageError for what can't be given to servers that live. */
  check(options: readonly OptionChange[]): void;
  /** What the server's own program says against options of a node; null when nothing. */
  refusal(setting: Setting, node: Node, options: readonly OptionChange[]): Promise<string | null>;
  /** Brings a node's configuration to the options that it has in `setting`; `changed` are ids. May be carried out again. */
  configure(setting: Setting, node: Node, changed: ReadonlySet<string>): Plan;
  /** Tells a server that runs, whose configuration is so already. */
  tell(setting: Setting, node: Node, changes: readonly OptionChange[], timeout: number): Promise<readonly Told[]>;
}
