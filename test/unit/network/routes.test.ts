import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { ClusterLink } from '../../../src/cluster/rules.js';
import { routeLines, routesStep } from '../../../src/network/routes.js';
import { nodeOf, sampleCluster } from '../../fakes/cluster.js';
import { fakeMachine } from '../../fakes/machine.js';

const cluster = sampleCluster(1);
const internal: Cluster = { ...cluster, network: { ...cluster.network, internal: true, uplinks: [] } };
const node = nodeOf(cluster);
const borrowed = { ...node, name: 'app', namespace: 'dbns-east-app.attached' };
const link: ClusterLink = {
  ...{ cluster: 'west', stem: 'dbnsbbbbb', ipv6: null, subnet: '10.200.1.0/24', way: 'both', ports: [], to: null },
};
const ROUTE = 'route replace 10.200.1.0/24 via 10.200.0.1 dev eth0 proto 219\n';

test('who has a default route needs no other', () => {
  expect(routeLines(cluster, node, [link])).toEqual([]);
  expect(routeLines(internal, node, [link])).toEqual([ROUTE]);
  expect(routeLines(cluster, borrowed, [link])).toEqual([ROUTE.replace('eth0', 'dbns0')]);
});

describe('routes are brought to what is wanted', () => {
  const stepWith = (there: readonly string[], links: readonly ClusterLink[]) =>
    routesStep(
      fakeMachine({ answer: () => ({ stdout: JSON.stringify(there.map((dst) => ({ dst }))) }) }),
      internal,
      node,
      links,
    );
  const inputOf = (step: Awaited<ReturnType<typeof stepWith>>) =>
    step?.acts.map((act) => (act.do === 'run' ? act.input : '')).join('');

  test('and nothing is done where they are', async () => {
    expect(await stepWith(['10.200.1.0/24'], [link])).toBeNull();
    expect(await stepWith([], [])).toBeNull();
  });

  test('what is missing comes, what is not wanted goes', async () => {
    expect(inputOf(await stepWith(['10.200.7.0/24'], [link]))).toBe(`route del 10.200.7.0/24 proto 219\n${ROUTE}`);
  });
});
