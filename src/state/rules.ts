import * as z from 'zod';
import { CHANNELS, type Fault } from '../cluster/fault.js';
import { NO_RULES, type Rules } from '../cluster/rules.js';
import { MachineError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { MOMENT } from './moment.js';
import { clusterDirectory } from './places.js';
import { readRecord, writeRecord, type Format } from './record.js';

const BROKEN = { id: z.string(), since: MOMENT, until: MOMENT.nullable() };
const SIDE = z.union([z.literal('rest'), z.array(z.string())]);
const FLOW = { from: SIDE, to: SIDE };
const QUALITY = z.object({
  delay: z.number().nullable(),
  jitter: z.number().nullable(),
  loss: z.number().nullable(),
  duplicate: z.number().nullable(),
  reorder: z.number().nullable(),
  corrupt: z.number().nullable(),
  rate: z.number().nullable(),
});

const FAULT: z.ZodType<Fault> = z.discriminatedUnion('kind', [
  z.object({
    ...BROKEN,
    kind: z.literal('partition'),
    flows: z.array(z.object(FLOW)),
    channel: z.enum(CHANNELS).nullable(),
    newOnly: z.boolean(),
    reset: z.boolean(),
  }),
  z.object({ ...BROKEN, kind: z.literal('cut'), hosts: z.array(z.string()) }),
  z.object({ ...BROKEN, kind: z.literal('slow'), flows: z.array(z.object({ ...FLOW, quality: QUALITY })) }),
  z.object({ ...BROKEN, kind: z.literal('kill'), hosts: z.array(z.string()) }),
  z.object({ ...BROKEN, kind: z.literal('pause'), hosts: z.array(z.string()) }),
]);

const RULES: Format<Rules> = {
  version: 2,
  // Before there were faults.
  upgrades: { 1: (content) => ({ ...(content as object), faults: [], nextFault: 1 }) },
  schema: z.object({
    exposures: z.array(
      z.object({
        bind: z.string(),
        hostPort: z.number(),
        to: z.union([z.object({ host: z.string() }), z.object({ role: z.literal('primary') })]),
        port: z.number(),
        leadsTo: z.string().nullable(),
      }),
    ),
    links: z.array(
      z.object({
        cluster: z.string(),
        bridge: z.string(),
        subnet: z.string(),
        way: z.enum(['both', 'in', 'out']),
        ports: z.array(z.number()),
        to: z.array(z.string()).nullable(),
      }),
    ),
    faults: z.array(FAULT),
    nextFault: z.number(),
  }),
};

/** Where the rules of a cluster are; the kernel's lock on this directory is their lock. */
export function rulesDirectory(machine: Machine, cluster: string): string {
  return `${clusterDirectory(machine, cluster)}/rules`;
}

/**
 * What is wanted of a cluster's rules.
 * @throws MachineError when the file can't be read: without it nobody knows what is let in.
 */
export function loadRules(machine: Machine, cluster: string): Rules {
  const found = readRecord(machine, fileOf(machine, cluster), RULES);
  if (found.kind === 'whole') return found.content;
  if (found.kind === 'absent') return NO_RULES;
  throw new MachineError(`The rules of the cluster '${cluster}' can't be read. ${found.why}`, {
    suggestions: [`rm ${fileOf(machine, cluster)}, and say again what is exposed and linked`],
  });
}

/** Under the rules' lock. */
export async function saveRules(machine: Machine, cluster: string, rules: Rules): Promise<void> {
  await writeRecord(machine, fileOf(machine, cluster), RULES, rules);
}

function fileOf(machine: Machine, cluster: string): string {
  return `${rulesDirectory(machine, cluster)}/rules.json`;
}

/**
 * Notes, before rules or those who are in a cluster change, that the kernel does not go by them yet: who is killed then leaves
 * the note, and the next one brings it about.
 */
export async function noteUnfinished(machine: Machine, cluster: string): Promise<void> {
  await machine.files.mkdir(rulesDirectory(machine, cluster));
  await machine.files.write(unfinishedFile(machine, cluster), '');
}

export function isUnfinished(machine: Machine, cluster: string): boolean {
  return machine.files.exists(unfinishedFile(machine, cluster));
}

/** Under the rules' lock. */
export async function noteFinished(machine: Machine, cluster: string): Promise<void> {
  await machine.files.remove(unfinishedFile(machine, cluster));
}

function unfinishedFile(machine: Machine, cluster: string): string {
  return `${rulesDirectory(machine, cluster)}/unfinished`;
}
