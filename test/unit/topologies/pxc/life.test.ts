import { expect, test } from 'vitest';
import { stepsOf } from '../../../../src/cluster/plan.js';
import type { Plan } from '../../../../src/cluster/plan.js';
import { life } from '../../../../src/topologies/pxc/life.js';
import { sampleCluster, sampleSetting } from '../../../fakes/cluster.js';

const said = (plan: Plan | null) => (plan === null ? [] : stepsOf(plan).map(({ step }) => step));

/** A cluster of two of which these are wanted stopped. */
function stopping(names: readonly string[]) {
  const cluster = sampleCluster();
  const nodes = cluster.nodes.map((node) => ({
    ...node,
    wanted: names.includes(node.name) ? ('stopped' as const) : node.wanted,
  }));
  const setting = sampleSetting({ ...cluster, nodes });
  return { setting, ended: nodes.filter(({ name }) => names.includes(name)) };
}

test('those that stay talk faster while one leaves, and have their own periods again when it is gone', () => {
  const { setting, ended } = stopping(['node2']);
  const [node] = ended;
  if (node === undefined) throw new Error('no node2');
  expect(said(life.beforeStop(setting, node))).toEqual([
    'let node1 listen for others',
    'let node2 listen for others',
    'let node2 end soon',
  ]);
  expect(said(life.afterStop(setting, ended))).toEqual([
    'let nobody send data to node2 any more',
    'wait until node2 has left the view of node1',
    "put back Galera's timeouts on node1",
  ]);
});

test('where nobody stays nobody has to be told', () => {
  const { setting, ended } = stopping(['node1', 'node2']);
  expect(ended.flatMap((node) => said(life.beforeStop(setting, node)))).toEqual([
    'let node1 end soon',
    'let node2 end soon',
  ]);
  expect(life.afterStop(setting, ended)).toBeNull();
});
