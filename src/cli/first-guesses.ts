/** Names of products by which people call what is made here, and the words that make it. */
const PRODUCTS: ReadonlyMap<string, readonly string[]> = new Map([
  ...named(['galera', 'xtradb'], ['pxc create']),
  ...named(['percona'], ['pxc create --image pxc:8.4', 'replication create --image percona:8.4']),
  ...named(['mariadb'], ['pxc create', 'replication create --image mariadb:11.8']),
  ...named(['mysql'], ['replication create', 'group create']),
  ...named(['innodb', 'group-replication'], ['group create']),
  ...named(['replica', 'async'], ['replication create']),
  ...named(['mongodb', 'replica-set'], ['mongo create']),
  ...named(['sharded'], ['mongo create --shards 2']),
]);

/** Words of other programs for making something. */
const MAKING = ['create', 'new', 'make', 'up', 'run', 'launch', 'init', 'deploy', 'spawn'];

const OPENS = ['dbns client CLUSTER NODE', 'dbns exec CLUSTER NODE -- bash'];

/** Words of other programs for all else, and what dbns has for it. */
const HABITS: ReadonlyMap<string, readonly string[]> = new Map([
  ...named(['ps', 'show', 'get', 'clusters', 'nodes', 'info', 'inspect', 'describe'], ['dbns list', 'dbns status']),
  ...named(['unpause', 'continue', 'cont', 'thaw'], ['dbns resume CLUSTER NODE']),
  ...named(['freeze', 'suspend', 'hang'], ['dbns pause CLUSTER NODE']),
  ...named(['bounce', 'reload', 'reboot'], ['dbns restart CLUSTER']),
  ...named(['wipe', 'clear', 'truncate', 'revert', 'rollback'], ['dbns reset CLUSTER']),
  ...named(['recover', 'bootstrap', 'revive', 'repair'], ['dbns start CLUSTER']),
  ...named(['shutdown', 'halt', 'term'], ['dbns stop CLUSTER', 'dbns kill CLUSTER NODE --signal TERM']),
  ...named(['health', 'check'], ['dbns status --check', 'dbns doctor']),
  ...named(['scale', 'grow', 'expand', 'join', 'extend'], ['dbns add CLUSTER --nodes 2']),
  ...named(['shrink', 'evict', 'expel', 'leave', 'decommission'], ['dbns remove CLUSTER NODE']),
  ...named(['down', 'drop', 'teardown'], ['dbns destroy CLUSTER', 'dbns stop CLUSTER']),
  ...named(['clean', 'cleanup', 'prune'], ['dbns doctor --fix', 'dbns destroy --all', 'dbns image prune']),
  ...named(['images'], ['dbns image list']),
  ...named(['pull'], ['dbns image pull NAME:VERSION', 'dbns image list']),
  ...named(['rmi'], ['dbns image remove NAME:VERSION']),
  ...named(['connect', 'ssh', 'shell', 'sh', 'bash', 'attach', 'enter', 'sql', 'cli', 'console'], OPENS),
  ...named(['import', 'restore', 'source', 'seed'], ['dbns load CLUSTER FILE']),
  ...named(['export', 'backup', 'mysqldump', 'mongodump'], ['dbns dump CLUSTER -o FILE']),
  ...named(['log', 'tail'], ['dbns logs CLUSTER --follow']),
  ...named(['url', 'dsn', 'env', 'password', 'connection'], ['dbns uri CLUSTER']),
  ...named(['haproxy', 'proxysql', 'router', 'mysqlrouter', 'balancer'], ['dbns proxy create CLUSTER']),
  ...named(['publish', 'forward', 'port-forward', 'port'], ['dbns expose CLUSTER NODE']),
  ...named(['switchover', 'failover', 'switch'], ['dbns promote CLUSTER NODE']),
  ...named(['version', '-v', '-V'], ['dbns --version']),
  ...named(['-h', '-?'], ['dbns --help']),
]);

function named(
  words: readonly string[],
  meaning: readonly string[],
): readonly (readonly [string, readonly string[]])[] {
  return words.map((word) => [word, meaning]);
}

/**
 * What was probably meant by words that are no command, as lines to type; empty when nobody knows.
 * @param words as they were typed, without what they are called by
 * @param commands with blanks: `pxc create`
 */
export function firstGuesses(words: readonly string[], commands: readonly string[]): readonly string[] {
  const [first = '', ...others] = words;
  const habit = HABITS.get(first);
  if (habit !== undefined) return habit;
  if (first.startsWith('-')) return flagsLast(words, commands);
  const meant = words.flatMap((word) => createOf(word, commands));
  if (words.some((word) => MAKING.includes(word))) return lines(meant.length > 0 ? meant : allCreates(commands));
  if (createOf(first, commands).length === 0) return [];
  if (startOf(others, commands) !== null) return lines([others.join(' ')]);
  return HABITS.get(others[0] ?? '') ?? (PRODUCTS.has(first) ? lines(meant) : []);
}

/** A flag stands before the command that it belongs to. */
function flagsLast(words: readonly string[], commands: readonly string[]): readonly string[] {
  const rest = words.filter((word) => !word.startsWith('-'));
  const flags = words.filter((word) => word.startsWith('-'));
  if (startOf(rest, commands) !== null) return lines([[...rest, ...flags].join(' ')]);
  return rest.length === 0 ? [] : firstGuesses(rest, commands);
}

/** What stands in front of a cluster is made too, and is none. */
const NO_CLUSTER = 'proxy create';

/** What makes a cluster of the topology, or with the product, of that name. */
function createOf(word: string, commands: readonly string[]): readonly string[] {
  return allCreates(commands).includes(`${word} create`) ? [`${word} create`] : (PRODUCTS.get(word) ?? []);
}

function allCreates(commands: readonly string[]): readonly string[] {
  return commands.filter((command) => command.endsWith(' create') && command !== NO_CLUSTER);
}

function lines(commands: readonly string[]): readonly string[] {
  return commands.map((command) => `dbns ${command}`);
}

/** The command that the words begin with. */
function startOf(words: readonly string[], commands: readonly string[]): string | null {
  return commands.find((command) => `${words.join(' ')} `.startsWith(`${command} `)) ?? null;
}
