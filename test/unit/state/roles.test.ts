import { expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { keepNewRoles, saveRoles, withLastRoles } from '../../../src/state/roles.js';
import { sampleCluster } from '../../fakes/cluster.js';
import { fakeMachine } from '../../fakes/machine.js';

const withRoles = (...roles: readonly string[]): Cluster => {
  const cluster = sampleCluster(roles.length);
  return { ...cluster, nodes: cluster.nodes.map((node, position) => ({ ...node, role: roles[position] ?? '' })) };
};
const rolesOf = ({ nodes }: Cluster) => nodes.map(({ role }) => role);
const machineWithCluster = () => fakeMachine({ directories: ['/var/lib/dbns/clusters/east'] });

test('a role that was given counts more than the one that was seen before; what was not changed stays as it was seen', async () => {
  const machine = machineWithCluster();
  const before = withRoles('primary', 'replica', 'replica');
  await saveRoles(machine, 'east', { node1: 'replica', node2: 'primary', node3: 'replica' });
  expect(rolesOf(withLastRoles(machine, before))).toEqual(['replica', 'primary', 'replica']);
  const after = withRoles('replica', 'replica', 'primary');
  await keepNewRoles(machine, before, after);
  expect(rolesOf(withLastRoles(machine, after))).toEqual(['replica', 'primary', 'primary']);
});

test('roles that can not be kept are no error', async () => {
  const full = () => Promise.reject(new Error('no space'));
  const machine = { ...fakeMachine(), files: { ...fakeMachine().files, replace: full } };
  await expect(saveRoles(machine, 'east', { node1: 'primary' })).resolves.toBeUndefined();
});
