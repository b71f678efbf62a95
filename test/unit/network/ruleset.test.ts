import { expect, test } from 'vitest';
import { firewallStep, ruleset } from '../../../src/network/ruleset.js';
import { sampleCluster } from '../../fakes/cluster.js';

const cluster = sampleCluster(2);

test('with NAT: out by the uplinks, answers back in, nothing else', () => {
  expect(ruleset(cluster)).toMatchInlineSnapshot(`
    "table inet dbns-east {
      comment "dbns:a1b2c3d4"

      chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr 10.200.0.0/24 oifname { "eth0" } masquerade
      }

      chain forward {
        type filter hook forward priority filter; policy accept;
        iifname "dbnsa1b2c*" oifname "dbnsa1b2c*" accept
        iifname "dbnsa1b2c*" oifname { "eth0" } accept
        iifname { "eth0" } oifname "dbnsa1b2c*" ct state established,related accept
        iifname "dbnsa1b2c*" drop
        oifname "dbnsa1b2c*" drop
      }

      chain output {
        type filter hook output priority filter; policy accept;
        oifname "dbnsa1b2c*" tcp dport { 4444, 4567, 4568 } ct state established,related accept
        oifname "dbnsa1b2c*" tcp dport { 4444, 4567, 4568 } meta skuid 0 accept
        oifname "dbnsa1b2c*" tcp dport { 4444, 4567, 4568 } reject with tcp reset
      }
    }
    "
  `);
});

test('two uplinks stand in one set', () => {
  const text = ruleset({ ...cluster, network: { ...cluster.network, uplinks: ['eth0', 'wlan0'] } });
  expect(text).toContain('ip saddr 10.200.0.0/24 oifname { "eth0", "wlan0" } masquerade');
});

test('internal: no masquerade, and nothing passes but from node to node', () => {
  expect(ruleset({ ...cluster, network: { ...cluster.network, uplinks: [] } })).toMatchInlineSnapshot(`
    "table inet dbns-east {
      comment "dbns:a1b2c3d4"

      chain forward {
        type filter hook forward priority filter; policy accept;
        iifname "dbnsa1b2c*" oifname "dbnsa1b2c*" accept
        iifname "dbnsa1b2c*" drop
        oifname "dbnsa1b2c*" drop
      }

      chain output {
        type filter hook output priority filter; policy accept;
        oifname "dbnsa1b2c*" tcp dport { 4444, 4567, 4568 } ct state established,related accept
        oifname "dbnsa1b2c*" tcp dport { 4444, 4567, 4568 } meta skuid 0 accept
        oifname "dbnsa1b2c*" tcp dport { 4444, 4567, 4568 } reject with tcp reset
      }
    }
    "
  `);
});

test('the step names its table and replaces it in one go', () => {
  const step = firewallStep(cluster);
  expect(step.makes).toEqual([{ kind: 'nft-table', family: 'inet', name: 'dbns-east' }]);
  const input = `add table inet dbns-east\ndelete table inet dbns-east\n${ruleset(cluster)}`;
  expect(step.acts).toEqual([{ do: 'run', argv: ['nft', '-f', '-'], input }]);
});
