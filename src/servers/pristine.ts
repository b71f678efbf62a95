import type { AskContext, Step } from '../cluster/plan.js';
import type { Machine } from '../host/machine.js';
import { containerArgv } from '../process/container.js';
import { etcActs, etcBinds } from '../process/etc.js';
import { listens } from './listens.js';
import { waitUntil } from './wait.js';

/** The name that the server of a pristine directory goes by while it is made. */
const PRISTINE_NODE = 'pristine';

/** The directories and files that a pristine directory begins with; `files` are its own besides. */
export function layOutStep(machine: Machine, directory: string, files: Readonly<Record<string, string>>): Step {
  const write = (name: string, content: string) =>
    ({ do: 'write', path: `${directory}/${name}`, content, mode: 0o644, owner: 'root' }) as const;
  return {
    step: 'lay out the pristine directory',
    acts: [
      { do: 'mkdir', path: `${directory}/data`, mode: 0o700, owner: 'server' },
      { do: 'mkdir', path: `${directory}/run`, mode: 0o700, owner: 'server' },
      ...Object.entries(files).map(([name, content]) => write(name, content)),
      write('hosts', '127.0.0.1 localhost pristine\n'),
      ...etcActs(machine, directory),
    ],
  };
}

/** A program of the image that works on a pristine directory: alone, with no network but a loopback of its own. */
export function aloneArgv(
  machine: Machine,
  { directory, rootMounts }: { readonly directory: string; readonly rootMounts: readonly string[] },
  command: readonly string[],
): readonly string[] {
  return containerArgv(
    machine,
    {
      rootMounts,
      writable: [directory],
      files: { ...etcBinds(directory), [`${directory}/hosts`]: '/etc/hosts' },
      hostname: PRISTINE_NODE,
      network: 'none',
      user: 'server',
      dieWithParent: true,
    },
    command,
  );
}

/** Starts a server on a pristine directory; it dies with us. `givesUp`: what it writes when it does not come up. */
export function startAloneStep(step: string, directory: string, argv: readonly string[], givesUp?: RegExp): Step {
  const log = `${directory}/server.log`;
  const act = { do: 'spawn', argv, log, node: PRISTINE_NODE, namespace: null } as const;
  return { step, acts: [{ ...act, ...(givesUp !== undefined && { givesUp }) }] };
}

/** Waits until that server listens on its socket. */
export async function whenListening(context: AskContext, socket: string): Promise<void> {
  await waitUntil(context, async () => {
    return (await listens(socket)) ? null : 'the server does not listen yet';
  });
}

/** Waits until that server, told to shut down, has ended. */
export async function whenEnded(context: AskContext): Promise<void> {
  const itsEndIsWanted = { ...context, firstEnd: () => null };
  await waitUntil(itsEndIsWanted, () =>
    Promise.resolve(context.endOf(PRISTINE_NODE) === null ? 'the server still shuts down' : null),
  );
}

/** Files of the data directory that must not be cloned. */
export function stripStep(directory: string, names: readonly string[]): Step {
  return {
    step: 'strip what must not be cloned',
    acts: names.map((name) => ({ do: 'remove', path: `${directory}/data/${name}` })),
  };
}
