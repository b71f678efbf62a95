import * as Flags from '@oclif/core/flags';
import type { ClusterSpec } from '../cluster/cluster.js';
import { CLIENT_TLS, type ClientTls } from '../cluster/tls.js';
import { LAYOUTS, type Layout } from '../cluster/zone.js';
import { poolFlag } from './arguments.js';
import { leaseFlag } from './lease.js';

const number = (env: string, summary: string, char?: 'n') =>
  Flags.integer({ summary, env, ...(char !== undefined && { char }) });

/** The words of every `create`. A topology's own command adds its name, and flags of its own. */
export const createFlags = {
  nodes: number('DBNS_NODES', 'how many nodes', 'n'),
  image: Flags.string({
    char: 'i',
    summary:
      "where the servers come from: a pulled image, dir:/PATH, or host (the machine's own); node3=REF for one of them (repeatable; default by DBNS_IMAGE)",
    helpValue: '[NODE=]REF',
    multiple: true,
    multipleNonGreedy: true,
  }),
  subnet: Flags.string({
    summary: "the cluster's network; the first free /24 of --pool when absent",
    env: 'DBNS_SUBNET',
    helpValue: 'CIDR',
  }),
  pool: poolFlag,
  ip: Flags.string({
    summary:
      'the address of a node inside --subnet, e.g. node1=10.50.0.10 (repeatable); others get the first ones left. With --bridge-to also FIRST-LAST: addresses of the LAN that nodes get in turn; or dhcp',
    helpValue: 'NODE=ADDRESS',
    multiple: true,
    multipleNonGreedy: true,
  }),
  internal: Flags.boolean({
    summary: 'no NAT: the nodes reach each other and the machine, and nothing else',
    env: 'DBNS_INTERNAL',
  }),
  mtu: number('DBNS_MTU', "the MTU of the cluster's links, bytes: 576 to 65535; 1500 when absent"),
  ipv6: Flags.boolean({
    summary: 'each host has an address of IPv6 too, of a unique local /64',
    env: 'DBNS_IPV6',
  }),
  zones: number(
    'DBNS_ZONES',
    'in how many zones its network is divided, 2 to 4, with the machine routing between them',
  ),
  zone: Flags.string({
    summary: 'the zone of a node, e.g. node1=a (repeatable); the others are spread evenly',
    helpValue: 'NODE=ZONE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  layout: Flags.option({ options: LAYOUTS })({
    summary:
      'bridge: nodes of a zone share one (the default). routed: each has a link of its own to the machine, a /32, and the machine routes',
    env: 'DBNS_LAYOUT',
  }),
  'bridge-to': Flags.string({
    summary:
      "nodes are in the machine's LAN: a bridge that is there (also of Open vSwitch), or an interface, whose addresses move to the cluster's bridge meanwhile",
    helpValue: 'BRIDGE|IFACE',
  }),
  gateway: Flags.string({
    summary: "with --bridge-to: the LAN's way out; as the machine goes there when absent",
    helpValue: 'ADDRESS',
  }),
  force: Flags.boolean({ summary: "with --bridge-to: also an interface that has the machine's default route" }),
  memory: Flags.string({
    summary: "a node's whole memory budget, e.g. 512M; lean when absent",
    env: 'DBNS_MEMORY',
    helpValue: 'SIZE',
  }),
  'password-file': Flags.string({
    summary: "file with the password of the account 'dbns'; random when absent",
    env: 'DBNS_PASSWORD_FILE',
    helpValue: 'FILE',
  }),
  init: Flags.string({
    summary: 'a file that is loaded before it returns, as dbns load takes it (repeatable, in order)',
    helpValue: 'FILE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  sample: Flags.boolean({ summary: 'fill the database shop with a few thousand rows, always the same' }),
  timeout: Flags.string({
    summary: 'how long the servers may take, e.g. 30s or 5m',
    default: '2m',
    env: 'DBNS_TIMEOUT',
  }),
  yes: Flags.boolean({ char: 'y', summary: 'pull the image when it is not there, without asking', env: 'DBNS_YES' }),
  'dry-run': Flags.boolean({ summary: 'print the plan and the argv of each step; touch nothing' }),
  lease: leaseFlag,
  'keep-on-failure': Flags.boolean({
    summary: 'leave a cluster that did not come up for inspection',
    env: 'DBNS_KEEP_ON_FAILURE',
  }),
};

/** The words of every `create` of mysqlds. */
export const mysqldFlags = {
  ...createFlags,
  'my-cnf-option': Flags.string({
    char: 'c',
    summary: "a line for the servers' my.cnf (repeatable); wins over --my-cnf",
    helpValue: 'key=value',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'my-cnf': Flags.string({
    summary: "a file of options for the servers' my.cnf; checked line by line like -c",
    env: 'DBNS_MY_CNF',
    helpValue: 'FILE',
  }),
  durable: Flags.boolean({ summary: 'flush to disk at every commit', env: 'DBNS_DURABLE' }),
  tls: Flags.option({ options: CLIENT_TLS })({
    summary: 'whether clients may come with TLS, must, or can not; offered when absent',
    env: 'DBNS_TLS',
  }),
  'cluster-tls': Flags.boolean({
    summary: 'nodes talk to each other by TLS, and verify each other',
    env: 'DBNS_CLUSTER_TLS',
  }),
};

/** The same as oclif hands them on. */
export interface CreateWords {
  readonly nodes: number | undefined;
  readonly image: readonly string[] | undefined;
  readonly subnet: string | undefined;
  readonly pool: string | undefined;
  readonly ip: readonly string[] | undefined;
  readonly internal: boolean;
  readonly mtu: number | undefined;
  readonly ipv6: boolean;
  readonly zones: number | undefined;
  readonly zone: readonly string[] | undefined;
  readonly layout: Layout | undefined;
  readonly 'bridge-to': string | undefined;
  readonly gateway: string | undefined;
  readonly force: boolean;
  readonly memory: string | undefined;
  readonly 'password-file': string | undefined;
  readonly init: readonly string[] | undefined;
  readonly sample: boolean;
  readonly timeout: string;
  readonly yes: boolean;
  readonly 'dry-run': boolean;
  readonly 'keep-on-failure': boolean;
  readonly lease: readonly string[] | undefined;
}

/** What mysqlds have besides. */
export interface MysqldWords extends CreateWords {
  readonly 'my-cnf-option': readonly string[] | undefined;
  readonly 'my-cnf': string | undefined;
  readonly durable: boolean;
  readonly tls: ClientTls | undefined;
  readonly 'cluster-tls': boolean;
}

/** What a topology's own flags become. */
export type OwnWords = Pick<ClusterSpec, 'options' | 'durable' | 'tls' | 'clusterTls' | 'settings'>;
