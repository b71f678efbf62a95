import { expect, test } from 'vitest';
import {
  admitsClusters,
  judgeBarriers,
  judgeBridgeFilter,
  judgeLegacy,
} from '../../../../src/lifecycle/doctor/firewalls.js';
import { adviceFor } from '../../../../src/network/foreign-firewall.js';

const chain = { family: 'ip', table: 'filter', chain: 'FORWARD' };

test('no chain drops', () => {
  expect(judgeBarriers([])).toMatchObject([{ state: 'ok' }]);
});

test('a chain that drops is told with the rules that open it', () => {
  expect(judgeBarriers([{ chain, way: 'none' }])).toMatchObject([{ state: 'warning', advice: [adviceFor(chain)] }]);
});

test.each(['by create', 'by hand'] as const)('a chain that lets clusters pass %s is all right', (way) => {
  expect(judgeBarriers([{ chain, way }])).toMatchObject([{ state: 'ok', advice: [] }]);
});

test('the rules of the advice are known again in what nft lists', () => {
  const rules = ['iifname "dbns*" accept', 'oifname "dbns*" ct state established,related accept'];
  const listing = (lines: readonly string[]) =>
    `table ip filter {\n\tchain FORWARD {\n\t\t${lines.join('\n\t\t')}\n\t}\n}`;
  for (const rule of rules) expect(adviceFor(chain)).toContain(rule);
  expect(admitsClusters(listing(rules))).toBe(true);
  expect(admitsClusters(listing(rules.slice(1)))).toBe(false);
  expect(admitsClusters(listing(['iifname "dbns12345" accept']))).toBe(false);
});

test('with br_netfilter a chain that drops keeps nodes apart', () => {
  expect(judgeBridgeFilter(false, [{ chain, way: 'none' }])).toEqual([]);
  expect(judgeBridgeFilter(true, [])).toMatchObject([{ state: 'ok' }]);
  expect(judgeBridgeFilter(true, [{ chain, way: 'by create' }])).toMatchObject([{ state: 'ok' }]);
  expect(judgeBridgeFilter(true, [{ chain, way: 'none' }])).toMatchObject([
    { state: 'problem', advice: [adviceFor(chain), 'sysctl -w net.bridge.bridge-nf-call-iptables=0'] },
  ]);
});

test.each([
  [null, 'warning'],
  ['-P FORWARD ACCEPT\n', 'ok'],
  ['-P FORWARD DROP\n', 'warning'],
  ['-P FORWARD ACCEPT\n-A FORWARD -j REJECT --reject-with icmp-host-prohibited\n', 'warning'],
  ['-P FORWARD DROP\n-A FORWARD -i dbns+ -j ACCEPT\n', 'ok'],
])('legacy iptables that says %j', (listing, state) => {
  expect(judgeLegacy(listing).state).toBe(state);
});
