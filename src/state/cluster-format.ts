import * as z from 'zod';
import type { Cluster } from '../cluster/cluster.js';
import { TABLE_FAMILIES, type Resource } from '../cluster/resource.js';
import { PROCESS } from './processes.js';
import type { Format } from './record.js';

const OPTION = z.object({ key: z.string(), value: z.string().nullable(), section: z.string().optional() });
const HOST = z.object({
  name: z.string(),
  namespace: z.string(),
  address: z.string(),
  mac: z.string(),
  link: z.string(),
});
const PROGRAM = HOST.extend({
  phase: z.enum(['added', 'adding', 'removing']),
  wanted: z.enum(['running', 'stopped']),
  image: z.string(),
  server: z.string(),
  ports: z.record(z.string(), z.number()),
  directory: z.string(),
  socket: z.string(),
  log: z.string(),
});
const NODE = PROGRAM.extend({
  index: z.number(),
  role: z.string(),
  group: z.string().nullable(),
  options: z.array(OPTION),
});
const COMPANION = PROGRAM.extend({ kind: z.string(), settings: z.record(z.string(), z.unknown()) });
const ATTACHED = HOST.extend({
  phase: z.enum(['added', 'adding', 'removing']),
  origin: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('process'), process: PROCESS, container: z.string().nullable() }),
    z.object({ kind: z.literal('netns'), netns: z.string(), inode: z.number() }),
    z.object({
      kind: z.literal('command'),
      command: z.array(z.string()),
      directory: z.string(),
      log: z.string(),
    }),
  ]),
});

/** `cluster.json`. */
export const CLUSTER: Format<Cluster> = {
  version: 5,
  schema: z.object({
    id: z.string().regex(/^[0-9a-f]{8}$/),
    name: z.string(),
    topology: z.string(),
    createdAt: z.string(),
    phase: z.enum(['creating', 'created', 'resetting', 'failed']),
    made: z
      .object({
        settings: z.record(z.string(), z.unknown()),
        roles: z.record(z.string(), z.string()),
        init: z.boolean(),
      })
      .nullable(),
    memory: z.number().nullable(),
    durable: z.boolean(),
    settings: z.record(z.string(), z.unknown()).default({}),
    // Clusters of an earlier dbns were filled with nothing.
    init: z.array(z.string()).default([]),
    network: z.object({
      name: z.string(),
      subnet: z.string(),
      gateway: z.string(),
      bridge: z.string(),
      linkGroup: z.number(),
      internal: z.boolean(),
      uplinks: z.array(z.string()),
      freed: z.array(z.string()),
    }),
    nodes: z.array(NODE).min(1),
    companions: z.array(COMPANION),
    attached: z.array(ATTACHED),
    nextIndex: z.number(),
  }),
  upgrades: { 0: (content) => content, 1: fromVersion1, 2: fromVersion2, 3: fromVersion3, 4: fromVersion4 },
};

/** What version 1 had: the options of all nodes in one place, and no node that was stopped. */
const VERSION_1 = z.looseObject({
  options: z.array(OPTION),
  network: z.looseObject({ uplinks: z.array(z.string()) }),
  nodes: z.array(z.looseObject({})),
});

function fromVersion1(content: unknown): unknown {
  const { success, data } = VERSION_1.safeParse(content);
  if (!success) return content;
  const { options, network, nodes, ...cluster } = data;
  return {
    ...cluster,
    network: { ...network, internal: network.uplinks.length === 0 },
    nodes: nodes.map((node) => ({ ...node, wanted: 'running', options })),
  };
}

/** What version 2 had: the nodes that it was made with, and no others. */
const VERSION_2 = z.looseObject({ network: z.looseObject({}), nodes: z.array(z.looseObject({ index: z.number() })) });

function fromVersion2(content: unknown): unknown {
  const { success, data } = VERSION_2.safeParse(content);
  if (!success) return content;
  const { network, nodes, ...cluster } = data;
  return {
    ...cluster,
    network: { ...network, freed: [] },
    nodes: nodes.map((node) => ({ ...node, phase: 'added' })),
    nextIndex: Math.max(...nodes.map(({ index }) => index)) + 1,
  };
}

/** What version 3 had: nodes, and nobody else on the network. */
function fromVersion3(content: unknown): unknown {
  return typeof content === 'object' && content !== null ? { companions: [], attached: [], ...content } : content;
}

/** What version 4 had: a cluster as it is, and not as it was made. Of those nobody knows more than what they are now. */
const VERSION_4 = z.looseObject({
  phase: z.string(),
  settings: z.record(z.string(), z.unknown()).default({}),
  nodes: z.array(z.looseObject({ name: z.string(), role: z.string() })),
});

function fromVersion4(content: unknown): unknown {
  const { success, data } = VERSION_4.safeParse(content);
  if (!success) return content;
  const { phase, settings, nodes } = data;
  const roles = Object.fromEntries(nodes.map(({ name, role }) => [name, role]));
  return { ...data, made: phase === 'created' ? { settings, roles, init: false } : null };
}

const RESOURCE = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('directory'), path: z.string() }),
  z.object({ kind: z.literal('netns'), name: z.string() }),
  z.object({ kind: z.literal('links'), group: z.number() }),
  z.object({ kind: z.literal('nft-table'), family: z.enum(TABLE_FAMILIES), name: z.string() }),
  z.object({ kind: z.literal('nft-rules'), family: z.string(), table: z.string(), chain: z.string() }),
  z.object({ kind: z.literal('keeper'), directory: z.string() }),
  z.object({ kind: z.literal('processes'), namespace: z.string() }),
]);

/** `journal.json`. */
export const JOURNAL: Format<{ readonly resources: readonly Resource[] }> = {
  version: 1,
  schema: z.object({ resources: z.array(RESOURCE) }),
};
