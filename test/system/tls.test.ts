import { readFileSync, statSync } from 'node:fs';
import mysql from 'mysql2/promise';
import { expect, test } from 'vitest';
import type { Connection } from '../../src/lifecycle/reach/connect.js';
import type { TlsView } from '../../src/lifecycle/life/tls.js';
import { MARIADB, MYSQL, createPxc, createReplication, hasImages, nodeOf, statusOf } from './world/cluster.js';
import { dbns, keepMachineClean, query } from './world/machine.js';

keepMachineClean();

interface Way {
  readonly host: string;
  readonly password: string;
  readonly ca?: string | null;
  /** The name that the server is to prove; its address when absent. */
  readonly name?: string;
}

/** The cipher of a connection, as the server says it; `''` is none. A client without a CA comes without TLS. */
async function cipherBy({ host, password, ca = null, name }: Way): Promise<string> {
  const ssl =
    ca === null ? {} : { ssl: { ca: readFileSync(ca), verifyIdentity: true, ...(name && { servername: name }) } };
  const connection = await mysql.createConnection({ host, user: 'dbns', password, ...ssl });
  try {
    const [rows] = await connection.query<mysql.RowDataPacket[]>("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    return String(rows[0]?.Value);
  } finally {
    await connection.end();
  }
}

async function wayTo(cluster: string, node?: string): Promise<Connection & { ca: string }> {
  const json = (await dbns(['uri', cluster, ...(node === undefined ? [] : [node]), '--json'])).json as Connection;
  if (json.ca === null) throw new Error(`${cluster} has no CA`);
  return { ...json, ca: json.ca };
}

test('whoever has the CA verifies each node, by address and by name; rotated, exposed and added ones too', async () => {
  const { nodes } = await createPxc(['--nodes', '2', '--cluster-tls']);
  const to = await wayTo('pxc');
  for (const { address } of nodes) expect(await cipherBy({ ...to, host: address })).toMatch(/^TLS_/);
  expect(await cipherBy({ ...to, name: 'node1' })).toMatch(/^TLS_/);
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

  await dbns(['expose', 'pxc', 'node1', '--host-port', '3399']);
  const exposed = {
    user: 'dbns',
    password: to.password,
    port: 3399,
    ssl: { ca: readFileSync(to.ca), verifyIdentity: true },
  };
  const outside = await mysql.createConnection({ host: '127.0.0.1', ...exposed });
  await outside.end();
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

test('new certificates are in nobody’s binary log: a replica goes on, and has nothing of its own', async () => {
  await createReplication(MARIADB, ['--nodes', '2']);
  const gtids = async () =>
    Promise.all(
      (await statusOf('replication')).nodes.map(({ socket }) => query(socket, 'SELECT @@gtid_binlog_state AS state')),
    );
  const before = await gtids();
  await dbns(['tls', 'rotate', 'replication']);
  expect(await gtids()).toEqual(before);
  await dbns(['status', 'replication', '--check']);
});

test.skipIf(!hasImages(MYSQL))(
  'servers that require it take nobody without; another cluster’s CA verifies nobody; none has none',
  async () => {
    const replicas = await createReplication(MYSQL, ['--nodes', '2', '--tls', 'required', '--cluster-tls']);
    const to = await wayTo('replication');
    expect(await cipherBy(to)).toMatch(/^TLS_/);
    const [channel] = await query(
      nodeOf(replicas, 'node2').socket,
      'SELECT SSL_ALLOWED AS tls, SSL_VERIFY_SERVER_CERTIFICATE AS verified FROM performance_schema.replication_connection_configuration',
    );
    expect(channel).toEqual({ tls: 'YES', verified: 'YES' });
    await expect(cipherBy({ ...to, ca: null })).rejects.toThrow(/insecure transport/);
    await createReplication(MYSQL, ['other', '--nodes', '1', '--tls', 'none']);
    const other = (await dbns(['uri', 'other', '--json'])).json as Connection;
    expect(other.ca).toBeNull();
    await expect(cipherBy({ ...to, ...other, ca: to.ca })).rejects.toThrow(/does not support secure connection|SSL/i);
    await createReplication(MYSQL, ['third', '--nodes', '1']);
    const third = await wayTo('third');
    await expect(cipherBy({ ...third, ca: to.ca })).rejects.toThrow(/self-signed|unable to verify|certificate/);
    const { stderr } = await dbns(['tls', 'show', 'other'], { expectExit: 5 });
    expect(stderr).toMatch(/have no certificates/);
  },
);
