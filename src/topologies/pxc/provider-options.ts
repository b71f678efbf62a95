import type { Cluster, Node, ServerOption } from '../../cluster/cluster.js';
import { zoneNames, zoneOf } from '../../cluster/zone.js';
import { UsageError } from '../../errors/errors.js';
import { peerTls, type TlsFiles } from '../../servers/certificates/files.js';
import { gcacheOf } from '../../servers/mysqld/memory.js';
import { optionName, unquoted } from '../../servers/mysqld/options.js';

/** Galera's options, name → value, in the order in which they were said. */
export type ProviderOptions = ReadonlyMap<string, string>;

/** What a node keeps: our own, and over them what the user gave as `wsrep_provider_options`. */
export function lastingOptions(
  cluster: Pick<Cluster, 'memory' | 'network' | 'clusterTls'>,
  node: Pick<Node, 'address' | 'options' | 'directory'>,
): ProviderOptions {
  const segment = segmentIn(cluster, node);
  const peers = peerTls(cluster, node);
  return ownOptions(gcacheOf(cluster.memory), node.options, {
    ...(segment === null ? {} : { 'gmcast.segment': String(segment) }),
    ...(peers === null ? {} : socketOptions(peers)),
  });
}

/** The same of a node that is in no cluster. @param gcache bytes */
export function ownOptions(
  gcache: number,
  given: readonly ServerOption[],
  own: Readonly<Record<string, string>> = {},
): ProviderOptions {
  return new Map([['gcache.size', String(gcache)], ...Object.entries(own), ...givenPairs(given)]);
}

/** Nodes talk, and send each other what one lacks (IST), by TLS. Source: galera.docs "socket.ssl". */
function socketOptions({ ca, certificate, key }: TlsFiles): Readonly<Record<string, string>> {
  return { 'socket.ssl': 'yes', 'socket.ssl_ca': ca, 'socket.ssl_cert': certificate, 'socket.ssl_key': key };
}

/**
 * Galera's number of a node's zone: between segments each message goes once; null where there are no zones.
 * Source: galera.docs "gmcast.segment".
 */
export function segmentIn({ network }: Pick<Cluster, 'network'>, node: Pick<Node, 'address'>): number | null {
  return zoneNames(network).length === 0 ? null : network.zones.indexOf(zoneOf(network, node));
}

function givenPairs(given: readonly ServerOption[]): readonly [string, string][] {
  const texts = given.filter(isProviderOption).map(({ value }) => unquoted(value ?? ''));
  return texts.flatMap((text) => [...parseOptions(text)]);
}

/**
 * Where nodes meet: elsewhere they would not find each other, and the rules that keep others out would not be there.
 * Source: galera.docs "Galera parameters".
 */
const PLACES: ReadonlySet<string> = new Set([
  'base_host',
  'base_port',
  'gmcast.listen_addr',
  'gmcast.mcast_addr',
  'ist.recv_addr',
  'ist.recv_bind',
]);

/** @throws UsageError for an option that moves a node, be it in the text of all or in MariaDB's variable for it. */
export function assertProviderOptions(options: readonly ServerOption[]): void {
  const variables = new Map([...PLACES].map((name) => [`wsrep_provider_${name.replaceAll('.', '_')}`, name]));
  const named = options.flatMap(({ key }) => variables.get(optionName(key)) ?? []);
  const moved = [...named, ...givenPairs(options).map(([name]) => name)].find((name) => PLACES.has(name));
  if (moved === undefined) return;
  throw new UsageError(`Galera's '${moved}' says where nodes meet: it is set by dbns itself and can't be given.`);
}

/** Whether an option goes to Galera rather than to the server's own file. */
export function isProviderOption({ key }: ServerOption): boolean {
  return optionName(key) === 'wsrep_provider_options';
}

/**
 * What nodes talk with while they form: at the defaults of one second the nodes of a new view wait for each other's
 * next message. Fewer nodes bear more talk (measured: 4 nodes 0.1 s, 16 nodes 0.3 s, where 0.1 s takes up to 25 s; 24
 * nodes 1 s, where 0.5 s takes 14 s or more). 0.1 s is the least that Galera takes. And nodes that met in twos may each wait
 * for the other two to install their view, until a timer ends that: at its default of 7.5 s it was the slow tail of forming.
 */
export function formingOptions(lasting: ProviderOptions, nodes: number): ProviderOptions {
  const seconds = formingSeconds(nodes);
  const talk = FORMING.map((name): [string, string] => [name, `PT${seconds}S`]);
  // Put back with what nodes that leave are told.
  const isPutBack = leavingOptions(lasting).size > 0 && seconds < GALERA_DEFAULT;
  const install: [string, string] = ['evs.install_timeout', `PT${Number((seconds * INSTALLING).toFixed(2))}S`];
  return new Map([...talk, ...(isPutBack ? [install] : []), ...lasting]);
}

/** So many messages of others a node waits for an install while nodes form. */
const INSTALLING = 5;

function formingSeconds(nodes: number): number {
  return nodes > 16 ? GALERA_DEFAULT : Number(Math.max(nodes * 0.02, 0.1).toFixed(2));
}

/**
 * What those that stand are told while others join them, in seconds, so that all meet sooner;
 * `nodes` as in `formingOptions`, or null for what they have again afterwards.
 */
export function meetingOptions(lasting: ProviderOptions, nodes: number | null): ReadonlyMap<string, number> {
  const seconds = nodes === null ? GALERA_DEFAULT : formingSeconds(nodes);
  return new Map(FORMING.filter((name) => !lasting.has(name)).map((name) => [name, seconds]));
}

/**
 * A node that joins has no vote until it is ready: when it is lost half way, those that stay have their quorum. One that is
 * alone would lose its own. Nothing where the user gave weights.
 */
export function joiningOptions(forming: ProviderOptions): ProviderOptions {
  return new Map([[WEIGHT, '0'], ...forming]);
}

/** MariaDB with its wsrep_provider plugin has one for each option. */
const OWN_PERIOD = 'wsrep_provider_evs_keepalive_period';

/** What tells in which way a node takes options, and what its weight is, in whichever of the two it has. */
export const RESTORING_VARIABLES = ['wsrep_provider_options', 'wsrep_provider_pc_weight', OWN_PERIOD] as const;

/**
 * The statements that give a node Galera's own periods again, and one that joined its vote.
 * @param said the node's RESTORING_VARIABLES
 */
export function restoringStatements(
  lasting: ProviderOptions,
  said: Readonly<Record<string, string>>,
): readonly string[] {
  const vote = votingStatement(lasting, said);
  const periods = settingStatements(restoredOptions(lasting), said[OWN_PERIOD] !== undefined);
  return [...periods, ...(vote === null ? [] : [vote])];
}

/**
 * The statement that gives a node its vote; null where it has one, or the user gave weights.
 * @param said the node's RESTORING_VARIABLES
 */
function votingStatement(lasting: ProviderOptions, said: Readonly<Record<string, string>>): string | null {
  const { wsrep_provider_options: text = '', wsrep_provider_pc_weight: own } = said;
  if (lasting.has(WEIGHT) || (own ?? parseOptions(text).get(WEIGHT)) !== '0') return null;
  return own === undefined
    ? `SET GLOBAL wsrep_provider_options = '${WEIGHT}=1'`
    : 'SET GLOBAL wsrep_provider_pc_weight = 1';
}

/**
 * What to set when the cluster stands, so that failure detection is again what it is everywhere, in seconds. Galera
 * takes the causal period from the keepalive period at its start, so it goes back with it.
 */
export function restoredOptions(lasting: ProviderOptions): ReadonlyMap<string, number> {
  const changed = FORMING.filter((name) => !lasting.has(name));
  const follows = changed.includes('evs.keepalive_period') && !lasting.has(CAUSAL);
  const periods = [...changed, ...(follows ? [CAUSAL] : [])].map((name): [string, number] => [name, GALERA_DEFAULT]);
  // First: a keepalive period may be a third of the suspect timeout at most.
  return new Map([...(leavingOptions(lasting).size > 0 ? STAYING : []), ...periods]);
}

/**
 * What nodes that all leave at once are told before, in seconds: each waits for a word of others that are gone already, until
 * it suspects them (5 s) or gives up to install another view with them (7.5 s). So about one second (measured). Nothing where
 * the user gave one of them, or `evs.inactive_timeout`, which is their limit.
 */
export function leavingOptions(lasting: ProviderOptions): ReadonlyMap<string, number> {
  return new Map([...LEAVING.map(([name]) => name), INACTIVE].some((name) => lasting.has(name)) ? [] : LEAVING);
}

/**
 * What a node that leaves others is told before, in seconds; `nodes` as in `formingOptions`. Its farewell may be the last that
 * they hear of it, and they the sooner to hang up: then it waits for their answer until it suspects them (5 s; seen on a busy
 * machine). They talk at the periods of `meetingOptions` meanwhile, of which a timeout is three at least.
 */
export function partingOptions(lasting: ProviderOptions, nodes: number): ReadonlyMap<string, number> {
  if (leavingOptions(lasting).size === 0) return new Map();
  return new Map([[SUSPECT, Math.max(1, 3 * formingSeconds(nodes))]]);
}

/**
 * The statements that set periods. MariaDB with its wsrep_provider plugin (11.8) has a variable for each option, in
 * seconds, and takes the text of all options at the start only.
 */
export function settingStatements(periods: ReadonlyMap<string, number>, hasVariables: boolean): readonly string[] {
  if (periods.size === 0) return [];
  if (!hasVariables) {
    const text = [...periods].map(([name, seconds]) => `${name}=PT${seconds}S`).join(';');
    return [`SET GLOBAL wsrep_provider_options = '${text}'`];
  }
  return [...periods].map(([name, seconds]) => `SET GLOBAL wsrep_provider_${name.replaceAll('.', '_')} = ${seconds}`);
}

/** All are dynamic. Source: galera.docs "Galera parameters". */
const FORMING = ['evs.join_retrans_period', 'evs.keepalive_period'] as const;
const WEIGHT = 'pc.weight';
const CAUSAL = 'evs.causal_keepalive_period';
const SUSPECT = 'evs.suspect_timeout';
/** Seconds. */
const GALERA_DEFAULT = 1;

const LEAVING: readonly (readonly [string, number])[] = [
  ['evs.join_retrans_period', 0.1],
  ['evs.keepalive_period', 0.1],
  [SUSPECT, 0.3],
  ['evs.install_timeout', 0.5],
];
const INACTIVE = 'evs.inactive_timeout';
/** Galera's defaults of those that are nothing else than put back. */
const STAYING: readonly (readonly [string, number])[] = [
  [SUSPECT, 5],
  ['evs.install_timeout', 7.5],
];

export function formatOptions(options: ProviderOptions): string {
  return [...options].map(([name, value]) => `${name}=${value}`).join(';');
}

export function parseOptions(text: string): ProviderOptions {
  const pairs = text
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair): [string, string] => {
      const [name = '', ...value] = pair.split('=');
      return [name.trim(), value.join('=').trim()];
    }),
  );
}

/** Whether Galera has what was given of its options; MariaDB with its wsrep_provider plugin does not tell. Null for another option. */
export function providerInForce(given: ServerOption, now: string): boolean | null {
  if (!isProviderOption(given)) return null;
  const has = parseOptions(now);
  return (
    has.size === 0 || [...parseOptions(unquoted(given.value ?? ''))].every(([name, value]) => has.get(name) === value)
  );
}
