import * as v from 'valibot';
import { ofKind } from '../cluster/schemas.js';
import { MachineError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { HANDLES, queuesText, type Queues } from './queues.js';

const QDISC = v.object({ dev: v.string(), handle: v.string(), root: v.literal(true) });

/** Links of the machine, by name: whether they have queues of ours. */
export async function queuesPresent(machine: Machine): Promise<ReadonlyMap<string, boolean>> {
  const { stdout } = await machine.run(['tc', '-json', 'qdisc', 'show']);
  const rows = v.parse(v.array(v.unknown()), JSON.parse(stdout.trim() || '[]'));
  const roots = ofKind(QDISC, rows);
  return new Map(roots.map(({ dev, handle }) => [dev, HANDLES.has(handle)]));
}

/**
 * Lets the kernel try these queues on a loopback in a namespace that goes with the process: what it can't do is not tried
 * on links that are in use.
 * @throws MachineError that says what it lacks.
 */
export async function tryQueues(machine: Machine, queues: readonly Queues[]): Promise<void> {
  if (queues.length === 0) return;
  const input = queues.map(({ classes }) => queuesText({ device: 'lo', classes })).join('');
  const argv = ['unshare', '--net', 'tc', '-batch', '-'];
  const { exitCode, stderr } = await machine.run(argv, { input, allowFailure: true });
  if (exitCode !== 0) throw refusal(stderr, input);
}

function refusal(stderr: string, input: string): MachineError {
  const said = (stderr.split('\n')[0] ?? '').replace(/^(Error|RTNETLINK answers): /, '');
  const line = input.split('\n')[Number(/:(\d+)\s*$/.exec(stderr)?.[1]) - 1] ?? '';
  const [, missing] = /unknown|not found/.test(said) ? (/ (netem|htb|u32) /.exec(line) ?? []) : [];
  if (missing === undefined) {
    return new MachineError(`The kernel does not take these queues: ${said} (tc ${line})`, {
      suggestions: ['dbns fault list', 'dbns heal'],
    });
  }
  const { module, config, without } = PARTS[missing as keyof typeof PARTS];
  return new MachineError(`This kernel has no ${missing}: ${without}`, {
    suggestions: [`modprobe ${module}`, `A kernel with CONFIG_${config}, as linux-image-amd64 of Debian is.`],
  });
}

const ONLY_CHANCE = 'of all that a link can be --loss and --duplicate alone work here.';
const PARTS = {
  netem: {
    module: 'sch_netem',
    config: 'NET_SCH_NETEM',
    without: '--delay, --jitter, --reorder and --corrupt take it. --loss, --duplicate and --rate work without.',
  },
  htb: { module: 'sch_htb', config: 'NET_SCH_HTB', without: ONLY_CHANCE },
  u32: { module: 'cls_u32', config: 'NET_CLS_U32', without: ONLY_CHANCE },
} as const;
