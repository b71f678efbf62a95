import * as v from 'valibot';
import { CHANNELS, type Fault } from '../cluster/fault.js';
import { NO_RULES, type Rules } from '../cluster/rules.js';
import { MachineError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { MOMENT } from './moment.js';
import { clusterDirectory } from './places.js';
import { readRecord, writeRecord, type Format } from './record.js';

const BROKEN = { id: v.string(), since: MOMENT, until: v.nullable(MOMENT) };
const SIDE = v.union([v.literal('rest'), v.array(v.string())]);
const FLOW = { from: SIDE, to: SIDE };
const QUALITY = v.object({
  delay: v.nullable(v.number()),
  jitter: v.nullable(v.number()),
  loss: v.nullable(v.number()),
  duplicate: v.nullable(v.number()),
  reorder: v.nullable(v.number()),
  corrupt: v.nullable(v.number()),
  rate: v.nullable(v.number()),
});

const FAULT: v.GenericSchema<unknown, Fault> = v.variant('kind', [
  v.object({
    ...BROKEN,
    kind: v.literal('partition'),
    flows: v.array(v.object(FLOW)),
    channel: v.nullable(v.picklist(CHANNELS)),
    newOnly: v.boolean(),
    reset: v.boolean(),
  }),
  v.object({ ...BROKEN, kind: v.literal('cut'), hosts: v.array(v.string()) }),
  v.object({ ...BROKEN, kind: v.literal('slow'), flows: v.array(v.object({ ...FLOW, quality: QUALITY })) }),
  v.object({ ...BROKEN, kind: v.literal('kill'), hosts: v.array(v.string()) }),
  v.object({ ...BROKEN, kind: v.literal('pause'), hosts: v.array(v.string()) }),
]);

const RULES: Format<Rules> = {
  version: 3,
  upgrades: {
    // Before there were faults.
    1: (content) => ({ ...(content as object), faults: [], nextFault: 1 }),
    2: fromVersion2,
  },
  schema: v.object({
    exposures: v.array(
      v.object({
        bind: v.string(),
        hostPort: v.number(),
        to: v.union([v.object({ host: v.string() }), v.object({ role: v.literal('primary') })]),
        port: v.number(),
        leadsTo: v.nullable(v.string()),
      }),
    ),
    links: v.array(
      v.object({
        cluster: v.string(),
        stem: v.string(),
        subnet: v.string(),
        // An earlier dbns had clusters of IPv4 alone.
        ipv6: v.optional(v.nullable(v.string()), null),
        way: v.picklist(['both', 'in', 'out']),
        ports: v.array(v.number()),
        to: v.nullable(v.array(v.string())),
      }),
    ),
    faults: v.array(FAULT),
    nextFault: v.number(),
  }),
};

/** What version 2 had: links to clusters that have one bridge, with whose name those of all their interfaces begin. */
const VERSION_2 = v.looseObject({ links: v.array(v.looseObject({ bridge: v.string() })) });

function fromVersion2(content: unknown): unknown {
  const { success, output } = v.safeParse(VERSION_2, content);
  if (!success) return content;
  return { ...output, links: output.links.map(({ bridge, ...link }) => ({ ...link, stem: bridge })) };
}

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
