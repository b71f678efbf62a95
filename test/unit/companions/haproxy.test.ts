import { describe, expect, test } from 'vitest';
import { renderConfig } from '../../../src/companions/haproxy/config.js';
import { readVersion } from '../../../src/companions/haproxy/inspect.js';
import { commandsFor } from '../../../src/companions/haproxy/lead.js';
import { readServers } from '../../../src/companions/haproxy/servers.js';
import { sampleCluster } from '../../fakes/cluster.js';
import { sampleCompanion, sampleStanding } from '../../fakes/companion.js';

const { nodes } = sampleCluster(3);
const HEAD =
  '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port';
/** What HAProxy 2.6.12 printed of three servers, right after its start: the rows of two. */
const STATE = `1
${HEAD}
4 writes 1 node1 10.200.0.2 2 0 1 1 0 6 3 2 6 0 0 0 - 3306 - 0 0 - - 0
4 writes 2 node2 10.200.0.3 0 5 1 1 0 1 0 0 14 0 0 0 - 3306 - 0 0 - - 0
5 reads 1 node1 10.200.0.2 0 5 1 1 0 1 0 0 14 0 0 0 - 3306 - 0 0 - - 0
5 reads 2 node2 10.200.0.3 2 0 1 1 0 6 3 2 6 0 0 0 - 3306 - 0 0 - - 0

`;
/** The same after node2 had become the primary: it was disabled by the configuration once, which is remembered. */
const STATE_AFTER_PROMOTE = `1
${HEAD}
4 writes 1 node1 10.200.0.2 0 1 1 1 2 1 0 0 14 0 0 0 - 3306 - 0 0 - - 0
4 writes 2 node2 10.200.0.3 2 4 1 1 2 6 3 2 6 0 0 0 - 3306 - 0 0 - - 0
5 reads 1 node1 10.200.0.2 2 4 1 1 2 6 3 2 6 0 0 0 - 3306 - 0 0 - - 0
5 reads 2 node2 10.200.0.3 0 1 1 1 2 1 0 0 14 0 0 0 - 3306 - 0 0 - - 0

`;

test.each([
  ['HAProxy version 2.6.12-1+deb12u4 2025/11/03 - https://haproxy.org/', '2.6.12'],
  ['HA-Proxy version 2.0.29 2022/05/13', '2.0.29'],
  ['something else', null],
])('%s: version %s', (said, version) => {
  expect(readVersion(said)).toBe(version);
});

test('reads who is led to, and who is there', () => {
  expect(readServers(STATE)).toEqual([
    { backend: 'writes', name: 'node1', address: '10.200.0.2', port: 3306, enabled: true, up: true },
    { backend: 'writes', name: 'node2', address: '10.200.0.3', port: 3306, enabled: false, up: false },
    { backend: 'reads', name: 'node1', address: '10.200.0.2', port: 3306, enabled: false, up: false },
    { backend: 'reads', name: 'node2', address: '10.200.0.3', port: 3306, enabled: true, up: true },
  ]);
});

describe('commandsFor', () => {
  const two = nodes.slice(0, 2);
  const rows = readServers(STATE);

  test('nothing where it leads so already', () => {
    expect(commandsFor(rows, two, { writer: 'node1', readers: ['node2'] })).toEqual([]);
  });

  test('who took writes loses its sessions before another takes them', () => {
    expect(commandsFor(rows, two, { writer: 'node2', readers: ['node1'] })).toEqual([
      'set server writes/node1 state maint',
      'shutdown sessions server writes/node1',
      'set server reads/node2 state maint',
      'shutdown sessions server reads/node2',
      'set server writes/node2 state ready',
      'set server reads/node1 state ready',
    ]);
  });

  test('who was disabled by the configuration once is left like all others when it takes no writes any more', () => {
    const after = readServers(STATE_AFTER_PROMOTE);
    expect(commandsFor(after, two, { writer: 'node2', readers: ['node1'] })).toEqual([]);
    expect(commandsFor(after, two, { writer: 'node1', readers: ['node2'] })).toEqual([
      'set server writes/node2 state maint',
      'shutdown sessions server writes/node2',
      'set server reads/node1 state maint',
      'shutdown sessions server reads/node1',
      'set server writes/node1 state ready',
      'set server reads/node2 state ready',
    ]);
  });

  test('while nobody takes writes nobody is led to', () => {
    expect(commandsFor(rows, two, { writer: null, readers: ['node2'] })).toEqual([
      'set server writes/node1 state maint',
      'shutdown sessions server writes/node1',
    ]);
  });

  test('who was added comes in, and who was removed goes', () => {
    const others = nodes.filter(({ name }) => name !== 'node2');
    const check = 'check inter 250ms fall 2 rise 1 on-marked-down shutdown-sessions';
    expect(commandsFor(rows, others, { writer: 'node1', readers: ['node3'] })).toEqual([
      'del server writes/node2',
      'set server reads/node2 state maint',
      'shutdown sessions server reads/node2',
      'del server reads/node2',
      `add server writes/node3 10.200.0.4:3306 ${check}`,
      'enable health writes/node3',
      `add server reads/node3 10.200.0.4:3306 ${check}`,
      'enable health reads/node3',
      'set server reads/node3 state ready',
    ]);
  });
});

test('the configuration leads as it is told from its first moment on', () => {
  const companion = sampleCompanion({ ports: { client: 3306, ro: 3307 } });
  const text = renderConfig(sampleStanding(companion), { writer: 'node1', readers: ['node2', 'node3'] });
  expect(text.match(/^ {2}(?:bind|server) .*$/gm)).toEqual([
    '  bind :3306',
    '  bind :3307',
    '  server node1 10.200.0.2:3306',
    '  server node2 10.200.0.3:3306 disabled',
    '  server node3 10.200.0.4:3306 disabled',
    '  server node1 10.200.0.2:3306 disabled',
    '  server node2 10.200.0.3:3306',
    '  server node3 10.200.0.4:3306',
  ]);
});
