import { describe, expect, test } from 'vitest';
import { columns, readHealth } from '../../../../src/topologies/pxc/health.js';

const WELL = {
  wsrep_local_state_comment: 'Synced',
  wsrep_cluster_size: '3',
  wsrep_cluster_status: 'Primary',
  wsrep_ready: 'ON',
  wsrep_flow_control_paused: '0.25',
  wsrep_local_recv_queue: '1',
  wsrep_local_send_queue: '2',
  wsrep_last_committed: '17',
  uptime: '61',
};

describe('readHealth', () => {
  test("reads Galera's own words and numbers", () => {
    expect(readHealth(WELL, 3)).toEqual({
      healthy: true,
      status: {
        state: 'Synced',
        clusterSize: 3,
        clusterStatus: 'Primary',
        ready: true,
        flowControlPaused: 0.25,
        receiveQueue: 1,
        sendQueue: 2,
        lastCommitted: 17,
        uptimeSeconds: 61,
      },
    });
  });

  test.each([
    ['a donor', { wsrep_local_state_comment: 'Donor/Desynced' }],
    ['a joiner', { wsrep_local_state_comment: 'Joining' }],
    ['a smaller component', { wsrep_cluster_size: '2' }],
    ['a larger component', { wsrep_cluster_size: '4' }],
    ['a component that is not primary', { wsrep_cluster_status: 'non-Primary' }],
    ['a node that is not ready', { wsrep_ready: 'OFF' }],
  ])('%s is not well', (_, changes) => {
    expect(readHealth({ ...WELL, ...changes }, 3).healthy).toBe(false);
  });

  test('what was not said is null, and not well', () => {
    const { healthy, status } = readHealth({}, 1);
    expect(healthy).toBe(false);
    expect(status).toMatchObject({ state: null, clusterSize: null, ready: false, uptimeSeconds: null });
  });
});

test('every column is a key of the status', () => {
  expect(Object.keys(readHealth(WELL, 3).status)).toEqual(expect.arrayContaining(columns.map(({ key }) => key)));
});
