import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { adviceFor, passStep, wayThrough } from '../../../src/network/foreign-firewall.js';
import { readChains } from '../../../src/network/observe.js';
import { sampleCluster } from '../../fakes/cluster.js';

const chainsOf = (name: string) =>
  readChains(readFileSync(path.join(import.meta.dirname, 'recorded', `nft-chains-${name}.txt`), 'utf8'));

describe('wayThrough', () => {
  test.each([
    ['docker', 'DOCKER-USER'],
    ['ufw', 'ufw-user-forward'],
  ])('of %s leads by %s', (firewall, chain) => {
    expect(wayThrough(chainsOf(firewall))).toEqual({
      passable: [{ family: 'ip', table: 'filter', chain }],
      blocked: [],
    });
  });

  test('of a firewall with no chain for users is none', () => {
    expect(wayThrough(chainsOf('other'))).toEqual({
      passable: [],
      blocked: [{ family: 'inet', table: 'myfw', chain: 'forward' }],
    });
  });

  test('where nothing drops nothing is needed', () => {
    expect(wayThrough({ chains: chainsOf('docker').chains, droppingForwardChains: [] })).toEqual({
      passable: [],
      blocked: [],
    });
  });
});

test('passStep puts commented rules in front, and names them', () => {
  const step = passStep(sampleCluster(2), { family: 'ip', table: 'filter', chain: 'DOCKER-USER' });
  expect(step.makes).toEqual([{ kind: 'nft-rules', family: 'ip', table: 'filter', chain: 'DOCKER-USER' }]);
  expect(step.acts).toMatchInlineSnapshot(`
    [
      {
        "argv": [
          "nft",
          "-f",
          "-",
        ],
        "do": "run",
        "input": "insert rule ip filter DOCKER-USER iifname "dbnsa1b2c*" accept comment "dbns:a1b2c3d4"
    insert rule ip filter DOCKER-USER oifname "dbnsa1b2c*" ct state established,related accept comment "dbns:a1b2c3d4"
    insert rule ip filter DOCKER-USER iifname "dbnsa1b2c*" oifname "dbnsa1b2c*" accept comment "dbns:a1b2c3d4"
    insert rule ip filter DOCKER-USER oifname "dbnsa1b2c*" ct status dnat accept comment "dbns:a1b2c3d4"
    ",
      },
    ]
  `);
});

test('adviceFor can be typed', () => {
  expect(adviceFor({ family: 'inet', table: 'myfw', chain: 'forward' }, 'dbnsa1b2c')).toMatchInlineSnapshot(
    `"nft insert rule inet myfw forward iifname "dbnsa1b2c" accept && nft insert rule inet myfw forward oifname "dbnsa1b2c" ct state established,related accept"`,
  );
});
