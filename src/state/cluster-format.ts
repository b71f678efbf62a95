import * as z from 'zod';
import type { Cluster } from '../cluster/cluster.js';
import type { Resource } from '../cluster/resource.js';
import type { Format } from './record.js';

const OPTION = z.object({ key: z.string(), value: z.string().nullable(), section: z.string().optional() });
const NODE = z.object({
  name: z.string(),
  index: z.number(),
  role: z.string(),
  group: z.string().nullable(),
  image: z.string(),
  server: z.string(),
  namespace: z.string(),
  address: z.string(),
  mac: z.string(),
  link: z.string(),
  ports: z.record(z.string(), z.number()),
  directory: z.string(),
  socket: z.string(),
  log: z.string(),
});

/** `cluster.json`. */
export const CLUSTER: Format<Cluster> = {
  version: 1,
  schema: z.object({
    id: z.string().regex(/^[0-9a-f]{8}$/),
    name: z.string(),
    topology: z.string(),
    createdAt: z.string(),
    phase: z.enum(['creating', 'created', 'failed']),
    options: z.array(OPTION),
    memory: z.number().nullable(),
    durable: z.boolean(),
    settings: z.record(z.string(), z.unknown()).default({}),
    network: z.object({
      name: z.string(),
      subnet: z.string(),
      gateway: z.string(),
      bridge: z.string(),
      linkGroup: z.number(),
      uplinks: z.array(z.string()),
    }),
    nodes: z.array(NODE).min(1),
  }),
};

const RESOURCE = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('directory'), path: z.string() }),
  z.object({ kind: z.literal('netns'), name: z.string() }),
  z.object({ kind: z.literal('links'), group: z.number() }),
  z.object({ kind: z.literal('nft-table'), family: z.literal('inet'), name: z.string() }),
  z.object({ kind: z.literal('nft-rules'), family: z.string(), table: z.string(), chain: z.string() }),
  z.object({ kind: z.literal('processes'), namespace: z.string() }),
]);

/** `journal.json`. */
export const JOURNAL: Format<{ readonly resources: readonly Resource[] }> = {
  version: 1,
  schema: z.object({ resources: z.array(RESOURCE) }),
};
