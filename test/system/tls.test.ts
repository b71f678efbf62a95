import { appendFileSync, chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import mysql from 'mysql2/promise';
import { expect, onTestFinished, test } from 'vitest';
import type { Connection } from '../../src/lifecycle/reach/connect.js';
import type { TlsView } from '../../src/lifecycle/life/tls.js';
import {
  MARIADB,
  MARIADB_NEXT,
  MYSQL,
  createPxc,
  createReplication,
  hasImages,
  nodeOf,
  statusOf,
  value,
  wsrep,
} from './world/cluster.js';
import { run } from './world/command.js';
import { sample } from './world/sample.js';
import { CLIENTS, clientOf, hasPython, type Outcome, type Way } from './world/logins.js';
import { dbns, keepMachineClean, query, uriOf } from './world/machine.js';

keepMachineClean();

/** Logs in for each row, and reads the CA each time. */
class Newcomer {
  readonly acknowledged: number[] = [];
  readonly refused: string[] = [];
  private stopped = false;
  private readonly ended: Promise<void>;

  constructor(private readonly way: Way & { readonly ca: string }) {
    this.ended = this.run();
  }

  stop(): Promise<void> {
    this.stopped = true;
    return this.ended;
  }

  private async run(): Promise<void> {
    for (let n = 1; !this.stopped; n++) {
      await this.write(n).then(
        () => this.acknowledged.push(n),
        (error: unknown) => this.refused.push(String(error)),
      );
    }
  }

  private async write(n: number): Promise<void> {
    const { host, password, ca } = this.way;
    const ssl = { ca: readFileSync(ca), verifyIdentity: true };
    const connection = await mysql.createConnection({ host, user: 'dbns', password, ssl });
    try {
      await connection.query('INSERT INTO shop.t VALUES (?)', [n]);
    } finally {
      connection.destroy();
    }
  }
}

async function wayTo(cluster: string, node?: string): Promise<Connection & { ca: string }> {
  const json = (await dbns(['uri', cluster, ...(node === undefined ? [] : [node]), '--json'])).json as Connection;
  if (json.ca === null) throw new Error(`${cluster} has no CA`);
  return { ...json, ca: json.ca };
}

/** The cipher of a connection of one driver. */
async function cipherBy(way: Way): Promise<string> {
  const [outcome] = await CLIENTS.mysql2([way]);
  if (outcome === undefined || 'refused' in outcome) throw new Error(outcome?.refused);
  return outcome.cipher;
}

test('whoever has the CA verifies each node, by address and by name; rotated, exposed and added ones too', async () => {
  const { nodes } = await createPxc(['--nodes', '2', '--cluster-tls']);
  const to = await wayTo('pxc');
  for (const { address } of nodes) expect(await cipherBy({ ...to, host: address })).toMatch(/^TLS_/);
  expect(await cipherBy({ ...to, ca: null })).toBe('');
  // For its owner alone; the CA is for everybody.
  expect(statSync(to.ca).mode & 0o777).toBe(0o644);
  expect(statSync(to.ca.replace('ca.pem', 'ca-key.pem')).mode & 0o777).toBe(0o600);

  const before = (await dbns(['tls', 'show', 'pxc', '--json'])).json as TlsView;
  const open = await mysql.createConnection({ host: to.host, user: 'dbns', password: to.password });
  const after = (await dbns(['tls', 'rotate', 'pxc', '--json'])).json as TlsView;
  const prints = (view: TlsView) => view.nodes.map(({ certificate }) => certificate?.fingerprint);
  expect(prints(after)).not.toEqual(prints(before));
  expect(after.ca).toEqual(before.ca);
  expect(await open.query('SELECT 1')).toBeTruthy();
  await open.end();
  for (const { address } of nodes) expect(await cipherBy({ ...to, host: address })).toMatch(/^TLS_/);

  // One that is in no primary component refuses nearly all statements.
  const { socket } = nodes[1] ?? {};
  if (socket === undefined) throw new Error('no second node');
  await query(socket, "SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'");
  await expect.poll(async () => (await wsrep(socket)).ready).toBe('OFF');
  await dbns(['tls', 'rotate', 'pxc']);
  await query(socket, "SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'");
  await expect.poll(async () => (await wsrep(socket)).ready).toBe('ON');

  await dbns(['expose', 'pxc', 'node1', '--host-port', '3399']);
  expect(await cipherBy({ ...to, host: '127.0.0.1', port: 3399 })).toMatch(/^TLS_/);
  await dbns(['add', 'pxc']);
  const node3 = nodeOf(await statusOf('pxc'), 'node3');
  expect(await cipherBy(await wayTo('pxc', 'node3'))).toMatch(/^TLS_/);

  // What they say to each other goes by it too, and so a CA can't be changed under them.
  const provider = await query(node3.socket, "SHOW VARIABLES LIKE 'wsrep_provider_options'");
  expect(JSON.stringify(provider)).toContain('socket.ssl = YES');
  const { stderr } = await dbns(['tls', 'rotate', 'pxc', '--ca'], { expectExit: 5 });
  expect(stderr).toMatch(/when none runs/);
  const old = readFileSync(to.ca, 'utf8');
  await dbns(['stop', 'pxc']);
  await dbns(['tls', 'rotate', 'pxc', '--ca']);
  await dbns(['start', 'pxc']);
  expect(readFileSync(to.ca, 'utf8')).not.toBe(old);
  expect(await cipherBy(to)).toMatch(/^TLS_/);
});

test('rotated under one who comes anew for each row: nobody is refused, but by a new CA, and no row is lost', async () => {
  await createReplication(MARIADB, ['--nodes', '2']);
  const gtids = async () =>
    Promise.all(
      (await statusOf('replication')).nodes.map(({ socket }) => query(socket, 'SELECT @@gtid_binlog_state AS state')),
    );
  const to = await wayTo('replication');
  await query(await uriOf('replication'), 'CREATE DATABASE shop');
  await query(await uriOf('replication'), 'CREATE TABLE shop.t (n INT PRIMARY KEY)');
  const before = await gtids();
  await dbns(['tls', 'rotate', 'replication']);
  // In nobody's binary log: a replica has nothing of its own.
  expect(await gtids()).toEqual(before);

  const writer = new Newcomer(to);
  onTestFinished(() => writer.stop());
  await expect.poll(() => writer.acknowledged.length).toBeGreaterThan(5);
  await dbns(['tls', 'rotate', 'replication']);
  expect(writer.refused).toEqual([]);
  await dbns(['tls', 'rotate', 'replication', '--ca']);
  const { length } = writer.acknowledged;
  await expect.poll(() => writer.acknowledged.length).toBeGreaterThan(length + 5);
  await writer.stop();
  const replica = await uriOf('replication', 'node2');
  const rows = async () => (await query(replica, 'SELECT n FROM shop.t ORDER BY n')).map(({ n }) => n);
  await expect.poll(rows).toEqual(writer.acknowledged);
  await dbns(['status', 'replication', '--check']);
  await dbns(['expose', 'replication', 'node2', '--host-port', '3398', '--bind', '127.0.0.2']);
  expect(await cipherBy({ ...(await wayTo('replication')), host: '127.0.0.2', port: 3398 })).toMatch(/^TLS_/);
});

const MODES = ['offered', 'required', 'none'] as const;
const IMAGES = [MARIADB, MARIADB_NEXT, MYSQL].filter((image) => hasImages(image));

/** Each mode has its network, so that names of its node can be known to the world before anything is made. */
const NETWORKS = { offered: '10.221.0', required: '10.221.1', none: '10.221.2' } as const;
const NAMES = MODES.map((mode) => `${NETWORKS[mode]}.2 node1.${mode} no.node.of.${mode}\n`);
appendFileSync('/etc/hosts', NAMES.join(''));

/** What each client has to find of a mode. PyMySQL asks for TLS, and where a MariaDB has none goes on in plain text. */
function expected(client: string, image: string, mode: (typeof MODES)[number]) {
  const withTls = mode === 'none' ? 'refused' : 'verified';
  const ways = {
    ...{ 'by address': withTls, 'by name': withTls },
    ...{ 'by a name that is not its own': 'refused', 'by the CA of another': 'refused' },
    'without TLS': mode === 'required' ? 'refused' : 'plain',
  };
  const goesOn = client === 'PyMySQL' && mode === 'none' && !image.startsWith('mysql');
  return goesOn ? Object.fromEntries(Object.keys(ways).map((way) => [way, 'plain'])) : ways;
}

const is = (outcome: Outcome) => ('refused' in outcome ? 'refused' : outcome.cipher === '' ? 'plain' : 'verified');

test.each(sample(IMAGES, 2))('%s: who verifies, and who is taken, by each client and in each mode', async (image) => {
  const create = (mode: (typeof MODES)[number]) =>
    createReplication(image, [mode, '--nodes', '1', '--tls', mode, '--subnet', `${NETWORKS[mode]}.0/24`]);
  await Promise.all(MODES.map(create));
  const clients = { ...CLIENTS, [image]: clientOf(image) };
  for (const mode of MODES) {
    const { host, password, ca } = (await dbns(['uri', mode, '--json'])).json as Connection;
    expect(ca === null).toBe(mode === 'none');
    const other = (await wayTo(mode === 'offered' ? 'required' : 'offered')).ca;
    const own = { host, password, ca: ca ?? other };
    const ways: readonly Way[] = [
      own,
      { ...own, host: `node1.${mode}` },
      { ...own, host: `no.node.of.${mode}` },
      { ...own, ca: other },
      { ...own, ca: null },
    ];
    for (const [client, login] of Object.entries(clients)) {
      if (client === 'PyMySQL' && !hasPython) continue;
      const outcomes = await login(ways);
      const said = `${client}, --tls ${mode}: ${JSON.stringify(outcomes)}`;
      expect(outcomes.map(is), said).toEqual(Object.values(expected(client, image, mode)));
    }
  }
});

test.skipIf(!hasImages(MYSQL))('channels verify, where they are to', async () => {
  const replicas = await createReplication(MYSQL, ['--nodes', '2', '--tls', 'required', '--cluster-tls']);
  const [channel] = await query(
    nodeOf(replicas, 'node2').socket,
    'SELECT SSL_ALLOWED AS tls, SSL_VERIFY_SERVER_CERTIFICATE AS verified FROM performance_schema.replication_connection_configuration',
  );
  expect(channel).toEqual({ tls: 'YES', verified: 'YES' });
  await createReplication(MYSQL, ['bare', '--nodes', '1', '--tls', 'none']);
  const { stderr } = await dbns(['tls', 'show', 'bare'], { expectExit: 5 });
  expect(stderr).toMatch(/have no certificates/);
});

test('a certificate of one’s own, which is its own CA: servers show it, and uri names it', async () => {
  const directory = `${process.env.HOME ?? ''}/certificates`;
  const [certificate, key] = [`${directory}/own.pem`, `${directory}/own-key.pem`];
  mkdirSync(directory, { mode: 0o700 });
  // mysql2 holds `localhost` against whatever is reached by an address.
  await run([
    ...['openssl', 'req', '-x509', '-config', '/dev/null', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    ...[
      '-noenc',
      '-subj',
      '/CN=own',
      '-addext',
      'subjectAltName=IP:10.222.0.2,DNS:localhost',
      '-out',
      certificate,
      '-keyout',
      key,
    ],
  ]);
  chmodSync(certificate, 0o644);
  const options = [`ssl_ca=${certificate}`, `ssl_cert=${certificate}`, `ssl_key=${key}`].flatMap((word) => [
    '-c',
    word,
  ]);
  const create = ['replication', 'create', '--image', MARIADB, '--nodes', '1', '--subnet', '10.222.0.0/24', ...options];
  const { stderr } = await dbns(create, { expectExit: 2 });
  expect(stderr).toContain(`who may not read ${key}`);
  expect((await dbns([...create, '-c', 'ssl_crl=/nowhere.pem'], { expectExit: 2 })).stderr).toContain('/nowhere.pem');
  expect((await dbns([...create, '--cluster-tls'], { expectExit: 2 })).stderr).toContain('ssl_cert');
  chmodSync(key, 0o644);
  await dbns(create);
  const to = await wayTo('replication');
  expect(to.ca).toBe(certificate);
  expect(await cipherBy(to)).toMatch(/^TLS_/);
  // What is written anew names them as the server sees them, too.
  await dbns(['set', 'replication', 'max_connections=77']);
  await dbns(['restart', 'replication']);
  expect(await cipherBy(to)).toMatch(/^TLS_/);
  await dbns(['add', 'replication']);
  expect(await value(nodeOf(await statusOf('replication'), 'node2').socket, 'SELECT @@ssl_key')).toMatch(
    /own-key.pem$/,
  );
});
