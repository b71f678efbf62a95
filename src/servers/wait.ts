import type { AskContext } from '../cluster/plan.js';
import { DbnsError, NotReadyError, messageOf } from '../errors/errors.js';

/** Milliseconds between two questions to a server that is coming up. */
const PAUSE = 10;

/**
 * Asks again and again until the answer is there. `question` answers with what is still amiss, or null when all is
 * well; what it throws counts as amiss, but for errors and bugs of our own, which end the waiting. So does the end of a
 * server that was started in the same plan, whoever is asked.
 * @throws NotReadyError after the deadline, with the last answer; ServerEndedError; the signal's reason when aborted.
 */
export async function waitUntil(context: AskContext, question: () => Promise<string | null>): Promise<void> {
  const { signal, deadline } = context;
  for (;;) {
    signal.throwIfAborted();
    assertAllRun(context);
    const amiss = await question().catch((error: unknown) => {
      if (error instanceof DbnsError || error instanceof TypeError) throw error;
      return messageOf(error);
    });
    if (amiss === null) return;
    if (Date.now() >= deadline) throw new NotReadyError(amiss);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** A server ended while it was being waited for. */
export class ServerEndedError extends NotReadyError {
  constructor(
    readonly node: string,
    end: string,
  ) {
    super(`The server of ${node} ended (${end}).`);
  }
}

/** A server refused what it was asked, or went away meanwhile. */
export class ServerRefusedError extends NotReadyError {}

/** @throws ServerEndedError when a server that was started here has ended. */
export function assertAllRun({ firstEnd }: Pick<AskContext, 'firstEnd'>): void {
  const ended = firstEnd();
  if (ended !== null) throw new ServerEndedError(ended.node, ended.end);
}
