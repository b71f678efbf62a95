import { childrenOf, type Act, type Ask, type AskContext, type Owner, type Plan, type Step } from '../cluster/plan.js';
import { NotReadyError, messageOf } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { certify } from '../servers/certificates/certify.js';
import { isRefusal, isSaidByServer } from '../servers/said.js';
import { ServerRefusedError, assertAllRun } from '../servers/wait.js';
import { firstEnd, spawnServer, type Ends } from './ends.js';
import { lateSignal } from './late.js';

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
  /** What was found out, and decides what is done. */
  readonly told?: (sentence: string) => void;
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
 * goes on behind the back of a rollback. `ends` are those of the servers that an earlier plan spawned.
 */
export async function applyPlan(plan: Plan, application: Application, ends: Ends = new Map()): Promise<void> {
  await apply(plan, application, ends);
}

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

async function perform(act: Act, { machine, observer, signal, deadline }: Application, ends: Ends): Promise<void> {
  switch (act.do) {
    case 'run':
      await machine.run(act.argv, {
        ...(act.input !== undefined && { input: act.input }),
        ...limit(act.argv, deadline),
      });
      return;
    case 'mkdir':
      await machine.files.mkdir(act.path, { mode: act.mode, uid: uidOf(machine, act.owner) });
      return;
    case 'write':
      await machine.files.write(act.path, act.content, { mode: act.mode, uid: uidOf(machine, act.owner) });
      return;
    case 'remove':
      await machine.removeTrees([act.path]);
      return;
    case 'set':
      await machine.files.writeKernel(act.path, act.value);
      return;
    case 'certify':
      await certify(machine, act);
      return;
    case 'spawn':
      await spawnServer(machine, act, ends);
      return;
    case 'ask':
      await ask(act.ask, {
        ...{ signal, deadline },
        endOf: (node) => ends.get(node)?.() ?? null,
        firstEnd: () => firstEnd(ends),
        tell: (sentence) => observer.told?.(sentence),
      });
      return;
    default:
      act satisfies never;
  }
}

/** What a server refuses is no bug of ours; and one that has ended refuses everything. */
async function ask(question: Ask, context: AskContext): Promise<void> {
  try {
    await question(context);
  } catch (error) {
    if (!isSaidByServer(error)) throw error;
    if (!isRefusal(error)) await untilEnded(context);
    assertAllRun(context);
    throw new ServerRefusedError(messageOf(error), { cause: error });
  }
}

/** ms: a connection is lost a moment before its server is known to have ended. */
const MOMENT = 500;

async function untilEnded({ firstEnd }: AskContext): Promise<void> {
  const end = Date.now() + MOMENT;
  while (firstEnd() === null && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Commands are never cut in two by a Ctrl-C, but none may go on for ever. */
function limit([program = '']: readonly string[], deadline: number): { readonly signal?: AbortSignal } {
  if (deadline === Infinity) return {};
  return { signal: lateSignal(deadline, new NotReadyError(`${program} did not end in time.`)) };
}

function uidOf(machine: Machine, owner: Owner): number {
  return owner === 'server' ? machine.serverUid : 0;
}
