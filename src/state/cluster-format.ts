import * as v from 'valibot';
import type { Cluster } from '../cluster/cluster.js';
import { LAN_KINDS } from '../cluster/lan.js';
import { DEFAULT_MTU } from '../cluster/mtu.js';
import { TABLE_FAMILIES, type Resource } from '../cluster/resource.js';
import { byName } from '../cluster/schemas.js';
import { CLIENT_TLS } from '../cluster/tls.js';
import { PROCESS } from './processes.js';
import type { Format } from './record.js';

const OPTION = v.object({ key: v.string(), value: v.nullable(v.string()), section: v.optional(v.string()) });
const HOST = v.object({
  name: v.string(),
  namespace: v.string(),
  address: v.string(),
  mac: v.string(),
  link: v.string(),
});
const PROGRAM = v.object({
  ...HOST.entries,
  phase: v.picklist(['added', 'adding', 'removing']),
  wanted: v.picklist(['running', 'stopped']),
  image: v.string(),
  server: v.string(),
  ports: byName(v.number()),
  directory: v.string(),
  socket: v.string(),
  log: v.string(),
});
const NODE = v.object({
  ...PROGRAM.entries,
  phase: v.picklist(['added', 'adding', 'removing', 'rebuilding']),
  index: v.number(),
  role: v.string(),
  group: v.nullable(v.string()),
  options: v.array(OPTION),
});
const COMPANION = v.object({ ...PROGRAM.entries, kind: v.string(), settings: byName(v.unknown()) });
const ATTACHED = v.object({
  ...HOST.entries,
  phase: v.picklist(['added', 'adding', 'removing']),
  origin: v.variant('kind', [
    v.object({ kind: v.literal('process'), process: PROCESS, container: v.nullable(v.string()) }),
    v.object({ kind: v.literal('netns'), netns: v.string(), inode: v.number() }),
    v.object({
      kind: v.literal('command'),
      command: v.array(v.string()),
      directory: v.string(),
      log: v.string(),
    }),
  ]),
});

const ZONE = v.object({
  name: v.nullable(v.string()),
  subnet: v.string(),
  gateway: v.nullable(v.string()),
  bridge: v.nullable(v.string()),
});

const LAN = v.object({
  to: v.string(),
  kind: v.picklist(LAN_KINDS),
  range: v.nullable(v.object({ first: v.string(), last: v.string() })),
  // An earlier dbns knew no such LAN.
  userspace: v.optional(v.boolean(), false),
  dhcp: v.optional(v.boolean(), false),
});

/** `cluster.json`. */
export const CLUSTER: Format<Cluster> = {
  version: 7,
  schema: v.object({
    id: v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/)),
    name: v.string(),
    topology: v.string(),
    createdAt: v.string(),
    phase: v.picklist(['creating', 'created', 'resetting', 'failed']),
    made: v.nullable(
      v.object({
        settings: byName(v.unknown()),
        roles: byName(v.string()),
        options: byName(v.array(OPTION)),
        init: v.boolean(),
      }),
    ),
    memory: v.nullable(v.number()),
    durable: v.boolean(),
    settings: v.optional(byName(v.unknown()), {}),
    // Clusters of an earlier dbns were filled with nothing.
    init: v.optional(v.array(v.string()), []),
    // Clusters of an earlier dbns have no CA.
    tls: v.optional(v.nullable(v.picklist(CLIENT_TLS)), null),
    clusterTls: v.optional(v.boolean(), false),
    network: v.object({
      name: v.string(),
      subnet: v.string(),
      ipv6: v.nullable(v.string()),
      stem: v.string(),
      zones: v.pipe(v.array(ZONE), v.minLength(1)),
      lan: v.nullable(LAN),
      linkGroup: v.number(),
      internal: v.boolean(),
      // An earlier dbns left it to the kernel.
      mtu: v.optional(v.number(), DEFAULT_MTU),
      uplinks: v.array(v.string()),
      freed: v.array(v.string()),
    }),
    nodes: v.pipe(v.array(NODE), v.minLength(1)),
    companions: v.array(COMPANION),
    attached: v.array(ATTACHED),
    nextIndex: v.number(),
    // An earlier dbns did not note it.
    turn: v.optional(v.nullable(v.object({ to: v.string(), force: v.boolean() })), null),
  }),
  upgrades: {
    0: (content) => content,
    1: fromVersion1,
    2: fromVersion2,
    3: fromVersion3,
    4: fromVersion4,
    5: fromVersion5,
    6: fromVersion6,
  },
};

/** What version 1 had: the options of all nodes in one place, and no node that was stopped. */
const VERSION_1 = v.looseObject({
  options: v.array(OPTION),
  network: v.looseObject({ uplinks: v.array(v.string()) }),
  nodes: v.array(v.looseObject({})),
});

function fromVersion1(content: unknown): unknown {
  const { success, output } = v.safeParse(VERSION_1, content);
  if (!success) return content;
  const { options, network, nodes, ...cluster } = output;
  return {
    ...cluster,
    network: { ...network, internal: network.uplinks.length === 0 },
    nodes: nodes.map((node) => ({ ...node, wanted: 'running', options })),
  };
}

/** What version 2 had: the nodes that it was made with, and no others. */
const VERSION_2 = v.looseObject({ network: v.looseObject({}), nodes: v.array(v.looseObject({ index: v.number() })) });

function fromVersion2(content: unknown): unknown {
  const { success, output } = v.safeParse(VERSION_2, content);
  if (!success) return content;
  const { network, nodes, ...cluster } = output;
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
const VERSION_4 = v.looseObject({
  phase: v.string(),
  settings: v.optional(byName(v.unknown()), {}),
  nodes: v.array(v.looseObject({ name: v.string(), role: v.string() })),
});

function fromVersion4(content: unknown): unknown {
  const { success, output } = v.safeParse(VERSION_4, content);
  if (!success) return content;
  const { phase, settings, nodes } = output;
  const roles = Object.fromEntries(nodes.map(({ name, role }) => [name, role]));
  return { ...output, made: phase === 'created' ? { settings, roles, init: false } : null };
}

/** What version 5 had: one bridge, with whose name those of all interfaces begin; and nodes whose options nobody had changed. */
const BRIDGED = v.looseObject({
  network: v.looseObject({ subnet: v.string(), gateway: v.string(), bridge: v.string() }),
});
const UNCHANGED = v.looseObject({
  made: v.looseObject({}),
  nodes: v.array(v.looseObject({ name: v.string(), options: v.array(OPTION) })),
});

function fromVersion5(content: unknown): unknown {
  return withOptionsMade(withZones(content));
}

function withZones(content: unknown): unknown {
  const { success, output } = v.safeParse(BRIDGED, content);
  if (!success) return content;
  const { gateway, bridge, ...network } = output.network;
  const zones = [{ name: null, subnet: network.subnet, gateway, bridge }];
  return { ...output, network: { ...network, stem: bridge, zones } };
}

function withOptionsMade(content: unknown): unknown {
  const { success, output } = v.safeParse(UNCHANGED, content);
  if (!success) return content;
  const options = Object.fromEntries(output.nodes.map((node) => [node.name, node.options]));
  return { ...output, made: { options, ...output.made } };
}

/** What version 6 had: networks of clusters' own, and at first of IPv4 alone. */
const OWN = v.looseObject({ network: v.looseObject({}) });

function fromVersion6(content: unknown): unknown {
  const { success, output } = v.safeParse(OWN, content);
  return success ? { ...output, network: { lan: null, ipv6: null, ...output.network } } : content;
}

const RESOURCE = v.variant('kind', [
  v.object({ kind: v.literal('directory'), path: v.string() }),
  v.object({ kind: v.literal('netns'), name: v.string() }),
  v.object({ kind: v.literal('links'), group: v.number() }),
  v.object({
    kind: v.literal('joined'),
    link: v.string(),
    addresses: v.array(v.string()),
    routes: v.array(v.string()),
  }),
  v.object({ kind: v.literal('ovs-port'), name: v.string() }),
  v.object({ kind: v.literal('nft-table'), family: v.picklist(TABLE_FAMILIES), name: v.string() }),
  v.object({ kind: v.literal('nft-rules'), family: v.string(), table: v.string(), chain: v.string() }),
  v.object({ kind: v.literal('keeper'), directory: v.string() }),
  v.object({ kind: v.literal('processes'), namespace: v.string() }),
]);

/** `journal.json`. */
export const JOURNAL: Format<{ readonly resources: readonly Resource[] }> = {
  version: 1,
  schema: v.object({ resources: v.array(RESOURCE) }),
};
