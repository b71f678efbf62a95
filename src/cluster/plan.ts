import type { Resource } from './resource.js';
import type { Subject } from './tls.js';

/**
 * One act on the machine, as data: so a plan can be printed, recorded and carried out by the same code. Paths are
 * absolute, modes octal, owners the uid and gid of the servers' user or root.
 */
export type Act =
  | { readonly do: 'run'; readonly argv: readonly string[]; readonly input?: string }
  | { readonly do: 'mkdir'; readonly path: string; readonly mode: number; readonly owner: Owner }
  | {
      readonly do: 'write';
      readonly path: string;
      readonly content: string;
      readonly mode: number;
      readonly owner: Owner;
    }
  | { readonly do: 'remove'; readonly path: string }
  /** Set a file of the kernel's, e.g. below /proc/sys: those have no mode and no owner to give. */
  | { readonly do: 'set'; readonly path: string; readonly value: string }
  /** Make a CA in a directory; or certificates that the CA signs, each in a directory of its own. */
  | {
      readonly do: 'certify';
      readonly authority: string;
      readonly to: readonly ({ readonly directory: string } & Subject)[] | null;
    }
  /**
   * Start a server in a session of its own, its streams appended to `log`. It is found again in the namespace that it
   * enters; with null it dies with us. One that writes what `givesUp` matches has ended, whether or not it still hangs
   * about.
   */
  | {
      readonly do: 'spawn';
      readonly argv: readonly string[];
      readonly log: string;
      readonly node: string;
      readonly namespace: string | null;
      readonly givesUp?: RegExp;
    }
  /** Ask servers something, and go on when the answer is the one wanted. */
  | { readonly do: 'ask'; readonly what: string; readonly ask: Ask };

export type Owner = 'root' | 'server';

/** Asks servers; throws when the answer is not the one wanted. `signal` says that nobody waits for it any more. */
export type Ask = (context: AskContext) => Promise<void>;

export interface AskContext {
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch at which to give up. */
  readonly deadline: number;
  /** How the server of a node ended that was spawned here, e.g. `exit code 1`; null while it runs. */
  readonly endOf: (node: string) => string | null;
  /** The first of them that ended; null while all run. */
  readonly firstEnd: () => ServerEnd | null;
  /** Tells users what came out, where that decides what is done. */
  readonly tell: (sentence: string) => void;
}

/** That the server of a node ended, and how. */
export interface ServerEnd {
  readonly node: string;
  readonly end: string;
}

/** One named step: its acts run one after another. */
export interface Step {
  readonly step: string;
  readonly acts: readonly Act[];
  /** What the step makes. */
  readonly makes?: readonly Resource[];
}

/** Steps in order, or at the same time. A title makes it a phase that users are shown. */
export type Plan =
  | Step
  | { readonly title?: string; readonly sequence: readonly Plan[] }
  | { readonly title?: string; readonly parallel: readonly Plan[] };

/** The steps of a plan in the order in which they are written down. */
export function stepsOf(plan: Plan): readonly Step[] {
  if ('step' in plan) return [plan];
  return childrenOf(plan).flatMap(stepsOf);
}

/** All resources that a plan makes, in the order of its steps. */
export function resourcesOf(plan: Plan): readonly Resource[] {
  return stepsOf(plan).flatMap((step) => step.makes ?? []);
}

export function childrenOf(plan: Exclude<Plan, Step>): readonly Plan[] {
  return 'sequence' in plan ? plan.sequence : plan.parallel;
}
