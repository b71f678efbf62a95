import { childrenOf, type Act, type AskContext, type Owner, type Plan, type Step } from '../cluster/plan.js';
import type { Machine } from '../host/machine.js';

/** Is told what happens while a plan is applied. What it throws stops the plan there. */
export interface Observer {
  readonly phaseStarted?: (title: string) => void;
  readonly phaseDone?: (title: string) => void;
  readonly stepStarted?: (step: Step) => void;
  readonly stepDone?: (step: Step) => void;
  /** The phase under way came to nothing. */
  readonly phaseFailed?: () => void;
  /** What a long phase is doing at the moment. */
  readonly detail?: (line: string) => void;
  /** Something that users should know, and that stops nothing. */
  readonly warned?: (message: string) => void;
}

export interface Application {
  readonly machine: Machine;
  readonly observer: Observer;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/**
 * Carries a plan out. When one of several parallel parts fails, the others are told to stop and are waited for: nothing
 * goes on behind the back of a rollback.
 */
export async function applyPlan(plan: Plan, application: Application): Promise<void> {
  await apply(plan, application, new Map());
}

/** How the servers ended that this plan spawned, by node. */
type Ends = Map<string, string | null>;

async function apply(plan: Plan, application: Application, ends: Ends): Promise<void> {
  application.signal.throwIfAborted();
  if ('step' in plan) {
    await applyStep(plan, application, ends);
    return;
  }
  if (plan.title !== undefined) application.observer.phaseStarted?.(plan.title);
  if ('sequence' in plan) for (const part of childrenOf(plan)) await apply(part, application, ends);
  else await applyTogether(plan.parallel, application, ends);
  if (plan.title !== undefined) application.observer.phaseDone?.(plan.title);
}

async function applyTogether(parts: readonly Plan[], application: Application, ends: Ends): Promise<void> {
  const failure = new AbortController();
  const signal = AbortSignal.any([application.signal, failure.signal]);
  const results = await Promise.allSettled(
    parts.map(async (part) => {
      try {
        await apply(part, { ...application, signal }, ends);
      } catch (error) {
        failure.abort(error);
        throw error;
      }
    }),
  );
  if (results.some(({ status }) => status === 'rejected')) throw failure.signal.reason;
}

async function applyStep(step: Step, application: Application, ends: Ends): Promise<void> {
  application.observer.stepStarted?.(step);
  for (const act of step.acts) await perform(act, application, ends);
  application.observer.stepDone?.(step);
}

async function perform(act: Act, { machine, signal, deadline }: Application, ends: Ends): Promise<void> {
  switch (act.do) {
    case 'run':
      await machine.run(act.argv, act.input === undefined ? {} : { input: act.input });
      return;
    case 'mkdir':
      await machine.files.mkdir(act.path, { mode: act.mode, uid: uidOf(machine, act.owner) });
      return;
    case 'write':
      await machine.files.write(act.path, act.content, { mode: act.mode, uid: uidOf(machine, act.owner) });
      return;
    case 'remove':
      await machine.files.remove(act.path);
      return;
    case 'set':
      await machine.files.writeKernel(act.path, act.value);
      return;
    case 'spawn':
      await spawn(machine, act, ends);
      return;
    case 'ask':
      await act.ask({ signal, deadline, endOf: (node) => ends.get(node) ?? null } satisfies AskContext);
      return;
    default:
      act satisfies never;
  }
}

async function spawn(
  machine: Machine,
  { argv, log, node, namespace }: Extract<Act, { do: 'spawn' }>,
  ends: Ends,
): Promise<void> {
  ends.set(node, null);
  const { exited } = await machine.spawn(argv, log, namespace);
  void exited.then((end) => ends.set(node, end));
}

function uidOf(machine: Machine, owner: Owner): number {
  return owner === 'server' ? machine.serverUid : 0;
}
