import { expect, test } from 'vitest';
import { guardRuleset } from '../../../src/network/guard.js';

test('the guard of two uplinks', () => {
  expect(guardRuleset('ip', ['eth0', 'eth0.100'])).toMatchInlineSnapshot(`
    "table ip dbns {
      comment "dbns:machine"

      set routed {
        type ifname
        flags dynamic
      }

      chain forward {
        type filter hook forward priority filter; policy accept;
        iifname != "dbns*" iifname != { "eth0", "eth0.100" } oifname { "eth0", "eth0.100" } add @routed { iifname }
        iifname { "eth0", "eth0.100" } jump uplink
      }

      chain uplink {
        ct state established,related return
        ct status dnat return
        oifname @routed return
        meta iifkind "bridge" iifname . oifname { "eth0" . "eth0", "eth0.100" . "eth0.100" } return
        drop
      }
    }
    "
  `);
});
