import { expect, test } from 'vitest';
import type { ClusterLink } from '../../../src/cluster/rules.js';
import { linkPasses } from '../../../src/network/link-rules.js';
import { sampleCluster } from '../../fakes/cluster.js';

const cluster = sampleCluster(2);
const CLOSED = [4444, 4567];

const link = (changes: Partial<ClusterLink> = {}): ClusterLink => ({
  ...{ cluster: 'west', stem: 'dbnsbbbbb', subnet: '10.200.1.0/24', ipv6: null, way: 'both', ports: [], to: null },
  ...changes,
});
const nft = (...links: ClusterLink[]) => linkPasses(cluster, links, CLOSED).map((rule) => rule.nft);

const FROM = 'iifname "dbnsbbbbb*" oifname "dbnsa1b2c*"';
const TO = 'iifname "dbnsa1b2c*" oifname "dbnsbbbbb*"';
const ANSWERS = 'ct state established,related accept';

test('both ways: all but where servers meet, and what answers', () => {
  expect(nft(link())).toEqual([
    `${FROM} tcp dport { 4444, 4567 } drop`,
    `${FROM} accept`,
    `${TO} ${ANSWERS}`,
    `${TO} accept`,
    `${FROM} ${ANSWERS}`,
  ]);
});

test('one way: the one side lets in, the other out, each with answers alone the other way', () => {
  expect(nft(link({ way: 'in' }))).toEqual([
    `${FROM} tcp dport { 4444, 4567 } drop`,
    `${FROM} accept`,
    `${TO} ${ANSWERS}`,
  ]);
  expect(nft(link({ way: 'out' }))).toEqual([`${TO} accept`, `${FROM} ${ANSWERS}`]);
});

test('ports that are named are reached, also where servers meet, and no others', () => {
  expect(nft(link({ way: 'in', ports: [3306, 4567] }))[0]).toBe(`${FROM} tcp dport { 3306, 4567 } accept`);
});

test.each([
  [['node2'], '10.200.0.3'],
  [['node1', 'node2', 'node9'], '10.200.0.2, 10.200.0.3'],
  // Nobody of them is left: then nobody is reached.
  [['node9'], '10.200.0.1'],
  [[], '10.200.0.1'],
])('to %j are those addresses', (to, addresses) => {
  expect(nft(link({ way: 'in', ports: [3306], to }))[0]).toBe(
    `${FROM} ip daddr { ${addresses} } tcp dport { 3306 } accept`,
  );
});

test('each rule says what it does', () => {
  const sentences = linkPasses(cluster, [link({ to: ['node1'], ports: [3306] })], CLOSED).map(({ means }) => means);
  expect(sentences).toEqual([
    'Hosts of west reach node1 here, at the ports 3306.',
    'Answers to that go to west.',
    'Hosts here reach west, as far as that lets them.',
    'Answers to that come from west.',
  ]);
});
