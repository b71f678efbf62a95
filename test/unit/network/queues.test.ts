import { expect, test } from 'vitest';
import type { Flow, Quality, Slow } from '../../../src/cluster/fault.js';
import { both, WHOLE } from '../../../src/cluster/quality.js';
import { noQueuesText, queuesOf, queuesText, sendersOneByOne, slowPairs } from '../../../src/network/queues.js';
import { sampleCluster } from '../../fakes/cluster.js';

const cluster = sampleCluster(3);
const slow = (quality: Partial<Quality>, ...flows: readonly Flow[]): Pick<Slow, 'flows'> => ({
  flows: flows.map((flow) => ({ ...flow, quality: { ...WHOLE, ...quality } })),
});
const textsOf = (...faults: readonly Pick<Slow, 'flows'>[]) => queuesOf(cluster, faults).map(queuesText);

test('faults of one pair: delays add up, chances are independent, the narrower place decides', () => {
  const one: Quality = { delay: 50, jitter: 5, loss: 0.1, duplicate: null, reorder: 0.5, corrupt: null, rate: 2e6 };
  const other: Quality = {
    delay: 30,
    jitter: null,
    loss: 0.5,
    duplicate: 0.2,
    reorder: null,
    corrupt: null,
    rate: 1e6,
  };
  expect(both(one, other)).toEqual({
    ...{ delay: 80, jitter: 5, duplicate: 0.2, reorder: 0.5, corrupt: null, rate: 1e6 },
    loss: expect.closeTo(0.55) as number,
  });
  expect(both(one, WHOLE)).toEqual(one);
});

test('a slow node is so in both directions with each other node, and others are not with each other', () => {
  const node = slow({ delay: 50 }, { from: ['node2'], to: 'rest' }, { from: 'rest', to: ['node2'] });
  const pairs = slowPairs(cluster, [node]).map(({ from, to }) => `${from} ${to}`);
  expect(pairs.sort()).toEqual(['node1 node2', 'node2 node1', 'node2 node3', 'node3 node2']);
});

test('the text of a link has a class and a filter for each slow sender', () => {
  const faults = [
    slow({ delay: 50, jitter: 10, corrupt: 0.001 }, { from: ['node1'], to: ['node2'] }),
    slow({ rate: 1e6 }, { from: ['node3'], to: ['node2'] }),
  ];
  expect(textsOf(...faults)).toEqual([
    `qdisc replace dev dbnsa1b2cn2 root handle db06: pfifo
qdisc replace dev dbnsa1b2cn2 root handle db05: htb
class add dev dbnsa1b2cn2 parent db05: classid db05:1 htb rate 100000000000bit burst 12500000 cburst 12500000 quantum 1514
qdisc add dev dbnsa1b2cn2 parent db05:1 netem limit 100000 delay 50000us 10000us corrupt 0.1%
class add dev dbnsa1b2cn2 parent db05: classid db05:2 htb rate 1000000bit burst 1600 cburst 1600 quantum 1514
qdisc add dev dbnsa1b2cn2 parent db05:2 pfifo limit 32
filter add dev dbnsa1b2cn2 parent db05: pref 1 protocol ip u32 match ip src 10.200.0.2/32 flowid db05:1
filter add dev dbnsa1b2cn2 parent db05: pref 1 protocol ip u32 match ip src 10.200.0.4/32 flowid db05:2
`,
  ]);
});

test('whoever is behind the machine is known by being no host: those go past', () => {
  const [text = ''] = textsOf(slow({ rate: 1e6 }, { from: ['gateway'], to: ['node1'] }));
  expect(text.match(/match .*/g)).toEqual([
    'match ip src 10.200.0.2/32 flowid db05:0',
    'match ip src 10.200.0.3/32 flowid db05:0',
    'match ip src 10.200.0.4/32 flowid db05:0',
    'match u32 0 0 flowid db05:4',
  ]);
});

test('what is lost or comes twice takes no queue, but is counted: packets leave one by one', () => {
  const fault = slow({ loss: 0.1, duplicate: 0.1 }, { from: ['node1'], to: 'rest' });
  expect(textsOf(fault)).toEqual([]);
  expect([...sendersOneByOne(cluster, [fault])]).toEqual(['node1']);
  expect([...sendersOneByOne(cluster, [slow({ delay: 1 }, { from: ['node1'], to: 'rest' })])]).toEqual([]);
});

test('a host that is not there has no queues, and queues end whether there are any', () => {
  expect(textsOf(slow({ delay: 5 }, { from: ['node1'], to: ['node9'] }))).toEqual([]);
  expect(noQueuesText('x')).toBe('qdisc replace dev x root handle db06: pfifo\nqdisc delete dev x root\n');
});
