import type { Host, Network } from '../../cluster/cluster.js';
import type { AskContext, Step } from '../../cluster/plan.js';
import { ConflictError, MachineError } from '../../errors/errors.js';
import { lacks } from '../../host/lacks.js';
import type { Machine } from '../../host/machine.js';
import { insideOf } from '../inside-of.js';

/** @throws MachineError where a LAN can't be asked who has an address. */
export async function requireArping(machine: Machine): Promise<void> {
  if (machine.which('arping') === null) throw lacks('arping');
  const { stdout } = await machine.run(['arping', '-V'], { allowFailure: true });
  if (stdout.includes('iputils')) return;
  throw new MachineError("The 'arping' on PATH is another one, which can't look for a second owner of an address.", {
    suggestions: ['apt-get install iputils-arping'],
  });
}

/**
 * Asks a LAN by ARP whether somebody has a host's address already, from where the host will be and before it has it
 * (RFC 5227, probes). Its link is there.
 */
export function probeStep(machine: Machine, { lan }: Pick<Network, 'lan'>, host: Host): Step {
  const { name, namespace, address, link } = host;
  const inside = insideOf(host);
  const up = `link set ${inside} addrgenmode none up\n`;
  const where = lan?.to ?? '';
  return {
    step: `ask the LAN whether somebody has ${address} already`,
    acts: [
      { do: 'run', argv: ['ip', '-n', namespace, '-batch', '-'], input: up },
      {
        do: 'ask',
        what: `arping -D -I ${inside} ${address}, in ${namespace}`,
        ask: async ({ signal }) => {
          await untilForwarding(machine, link, { signal });
          const argv = ['ip', 'netns', 'exec', namespace, 'arping', ...PROBE, '-I', inside, address];
          const { exitCode, stdout, stderr } = await machine.run(argv, { allowFailure: true });
          if (exitCode === 0) return;
          const [, owner = ''] = /\[([0-9A-Fa-f:]+)\]/.exec(stdout) ?? [];
          if (owner === '') throw new MachineError(`arping could not ask for ${address}: ${(stderr || stdout).trim()}`);
          throw new ConflictError(
            `${address}, for ${name}, is somebody's in the LAN of ${where} already: ${owner.toLowerCase()} answers.`,
            {
              suggestions: [`--ip ${name}=ADDRESS takes another one.`],
            },
          );
        },
      },
    ],
  };
}

/** Duplicate address detection, twice within a second. */
const PROBE = ['-D', '-c', '2', '-w', '1'];

/** A bridge that speaks STP listens and learns first, twice its forward delay of 15 s by default. */
const STP = { patience: 45_000, look: 100, forwarding: '3' };

async function untilForwarding(machine: Machine, link: string, { signal }: Pick<AskContext, 'signal'>): Promise<void> {
  const end = Date.now() + STP.patience;
  const state = () => machine.files.read(`/sys/class/net/${link}/brport/state`)?.trim();
  while (state() === '1' || state() === '2') {
    signal.throwIfAborted();
    if (Date.now() > end) return;
    await new Promise((resolve) => setTimeout(resolve, STP.look));
  }
}
