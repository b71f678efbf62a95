import { describe, expect, test } from 'vitest';
import type { ClusterSpec } from '../../../src/cluster/cluster.js';
import { UsageError } from '../../../src/errors/errors.js';
import { checkWords, pristineDirectory, resolveServer, serversOf } from '../../../src/lifecycle/resolve.js';
import { mysqldKind } from '../../../src/servers/mysqld/part.js';
import { mongo } from '../../../src/topologies/mongo/mongo.js';
import { pxc } from '../../../src/topologies/pxc/pxc.js';
import { MARIADB, PULLED } from '../../fakes/cluster.js';
import { fakeMachine } from '../../fakes/machine.js';

describe('checkWords', () => {
  const check = (spec: Partial<ClusterSpec>) => {
    return () => checkWords({ topology: 'pxc', ...spec }, pxc);
  };

  test('takes what is right, and answers what the topology makes of its own words', () => {
    expect(check({ nodes: 1 })()).toEqual({
      settings: { sst: null },
      seats: [{ name: 'node1', role: 'member', group: null }],
      spec: { topology: 'pxc', nodes: 1 },
    });
    expect(check({ nodes: 64, name: 'east', subnet: '10.50.0.0/24', password: 'x' })().seats).toHaveLength(64);
    expect(check({ nodes: 2, nodeImages: { node2: 'mariadb:11.8' } })().seats).toHaveLength(2);
  });

  test('servers that require TLS have it, and are told so by an option', () => {
    expect(check({ tls: 'required' })().spec.options).toEqual([{ key: 'require_secure_transport', value: 'ON' }]);
    const required = [{ key: 'require-secure-transport', value: 'ON' }];
    expect(check({ tls: 'none', options: required })).toThrow('nobody could come in');
    const spec = { topology: 'mongo', tls: 'required' } as const;
    expect(() => checkWords(spec, mongo)).toThrow("mongo has no TLS of dbns's own");
  });

  test('an image for a node that there is not is refused', () => {
    expect(check({ nodes: 2, nodeImages: { node3: 'mariadb:11.8' } })).toThrow('There is no node3');
  });

  test.each([0, 65, -1, 1.5, Number.NaN])('%d nodes are refused', (nodes) => {
    expect(check({ nodes })).toThrow(UsageError);
    expect(check({ nodes })).toThrow(`--nodes ${nodes}: a pxc cluster has 1 to 64 nodes.`);
  });

  test.each(['', 'a\nb', 'a\0', 'x'.repeat(129), 'pässword'])('the password %j is refused', (password) => {
    expect(check({ password })).toThrow(UsageError);
    expect(check({ password })).toThrow(/^The password must be one line/);
  });

  test('name and subnet are looked at as well', () => {
    expect(check({ name: 'a/b' })).toThrow(UsageError);
    expect(check({ subnet: '10.0.0.0/29', nodes: 6 })).toThrow('has room for 5 nodes');
  });
});

test('serversOf looks for each image once, and answers by node', async () => {
  const asked: string[] = [];
  const spec = { topology: 'pxc', nodes: 3, image: 'a:1', nodeImages: { node2: 'b:2' } };
  const servers = await serversOf(spec, pxc, pxc.settle(spec).seats, (ref) => {
    asked.push(ref);
    return Promise.resolve(ref);
  });
  expect([...servers]).toEqual([
    ['node1', 'a:1'],
    ['node2', 'b:2'],
    ['node3', 'a:1'],
  ]);
  expect(asked).toEqual(['a:1', 'b:2']);
});

describe('resolveServer', () => {
  const server = '/var/lib/dbns/images/mariadb/10.11/root/usr/sbin/mariadbd';
  const said = 'mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)';

  test('asks the binary, in its own tree and with no network', async () => {
    const machine = fakeMachine({
      files: { [server]: '' },
      directories: ['/var/lib/dbns/servers'],
      answer: () => ({ stdout: said }),
    });
    const { build } = await resolveServer(machine, pxc, PULLED);
    expect(build).toEqual({ dialect: 'mariadb', version: '10.11.19', programs: { server: '/usr/sbin/mariadbd' } });
    expect(machine.ran).toHaveLength(1);
    expect(machine.ran[0]?.argv).toContain('--unshare-net');
    expect(machine.ran[0]?.argv.slice(-3)).toEqual(['/usr/sbin/mariadbd', '--no-defaults', '--version']);
  });

  test('believes what it was told before', async () => {
    const record = JSON.stringify({ version: 2, server: MARIADB, roles: mysqldKind.roles });
    const machine = fakeMachine({ files: { '/var/lib/dbns/servers/b111d.mysqld.json': record } });
    expect((await resolveServer(machine, pxc, PULLED)).build).toEqual(MARIADB);
    expect(machine.ran).toEqual([]);
  });

  test('an image without a server, or with one that is not known, is told', async () => {
    await expect(resolveServer(fakeMachine(), pxc, PULLED)).rejects.toThrow(
      'The image mariadb:10.11 has neither mariadbd nor mysqld.',
    );
    const machine = fakeMachine({ files: { [server]: '' }, answer: () => ({ stdout: 'something else\n' }) });
    await expect(resolveServer(machine, pxc, PULLED)).rejects.toThrow('is no server that dbns knows: something else');
  });
});

test('pristineDirectory is another for every key', () => {
  const machine = fakeMachine();
  expect(pristineDirectory(machine, 'a')).toMatch(/^\/var\/lib\/dbns\/pristine\/[0-9a-f]{16}$/);
  expect(pristineDirectory(machine, 'a')).not.toBe(pristineDirectory(machine, 'b'));
});
