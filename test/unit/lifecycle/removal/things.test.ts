import { expect, test } from 'vitest';
import { linkGroup } from '../../../../src/cluster/names.js';
import { readLinks, readRuleset } from '../../../../src/lifecycle/removal/find-things.js';
import { belongsTo, commandFor, journalOf, sortThings, type Thing } from '../../../../src/lifecycle/removal/things.js';
import { sampleCluster } from '../../../fakes/cluster.js';
import { fakeMachine } from '../../../fakes/machine.js';

const ID = 'deadbeef';
const GROUP = linkGroup(ID);
const link = (name: string, group: number, id: string | null): Thing => ({ kind: 'link', name, group, id });

test('links are known by alias, by group, and by name', () => {
  const output = JSON.stringify([
    { ifname: 'lo', group: 'default' },
    { ifname: 'dbnsdeadb', group: String(GROUP), ifalias: 'dbns:deadbeef gone' },
    { ifname: 'mine0', group: String(GROUP + 1) },
    { ifname: 'dbns12345n2', group: 'default', ifalias: 'somebody else' },
    { ifname: 'dbnsdoc0', group: '7' },
  ]);
  expect(readLinks(output)).toEqual([
    link('dbnsdeadb', GROUP, ID),
    link('mine0', GROUP + 1, null),
    link('dbns12345n2', NaN, null),
  ]);
});

test('rules with a mark are found once a chain, tables by their name', () => {
  const rule = (comment: string, handle: number) => ({
    rule: { family: 'ip', table: 'filter', chain: 'DOCKER-USER', handle, comment, expr: [] },
  });
  const nftables = [
    { metainfo: {} },
    { table: { family: 'inet', name: 'dbns-gone', handle: 1 } },
    { table: { family: 'ip', name: 'filter', handle: 2 } },
    ...[rule(`dbns:${ID}`, 3), rule(`dbns:${ID}`, 4), rule('of docker', 5)],
  ];
  expect(readRuleset(JSON.stringify({ nftables }))).toEqual({
    tables: [{ family: 'inet', name: 'dbns-gone' }],
    rules: [{ kind: 'rules', family: 'ip', table: 'filter', chain: 'DOCKER-USER', id: ID }],
  });
});

test('what a known cluster has is no stray', () => {
  const machine = fakeMachine();
  const cluster = sampleCluster();
  const own: readonly Thing[] = [
    { kind: 'directory', path: '/run/dbns/east', id: null },
    { kind: 'directory', path: '/etc/netns/dbns-east-node2', id: null },
    { kind: 'namespace', name: 'dbns-east-node1', id: null },
    { kind: 'table', family: 'inet', name: 'dbns-east', id: null },
    { kind: 'rules', family: 'ip', table: 'filter', chain: 'DOCKER-USER', id: cluster.id },
    link('renamed0', cluster.network.linkGroup, null),
  ];
  const strange: readonly Thing[] = [
    { kind: 'directory', path: '/run/dbns/west', id: null },
    { kind: 'namespace', name: 'dbns-east-node3', id: ID },
    { kind: 'table', family: 'inet', name: 'dbns-eastern', id: ID },
    link('mine0', GROUP, null),
  ];
  expect([...own, ...strange].filter((thing) => belongsTo(machine, cluster, thing))).toEqual(own);
});

test('a link is removed only when all of its group bears the mark of the group', () => {
  const both = [link('dbnsdeadb', GROUP, ID), link('dbnsdeadbn1', GROUP, ID)];
  expect(sortThings(both)).toEqual({ marked: new Map([[ID, both]]), unmarked: [] });
  const mixed = [...both, link('mine0', GROUP, null)];
  expect(sortThings(mixed)).toEqual({ marked: new Map(), unmarked: mixed });
  const moved = [link('dbnsdeadb', 0, ID)];
  expect(sortThings(moved)).toEqual({ marked: new Map(), unmarked: moved });
});

test('a table of another family is not ours', () => {
  const table: Thing = { kind: 'table', family: 'ip', name: 'dbns-gone', id: ID };
  expect(sortThings([table]).unmarked).toEqual([table]);
  expect(commandFor(table)).toBe('nft delete table ip dbns-gone');
});

test('the journal has what create would have written down, in its order', () => {
  const things: readonly Thing[] = [
    { kind: 'namespace', name: 'dbns-gone-node1', id: ID },
    { kind: 'table', family: 'inet', name: 'dbns-gone', id: ID },
    link('dbnsdeadb', GROUP, ID),
    { kind: 'directory', path: '/run/dbns/gone', id: ID },
  ];
  expect(journalOf(things)).toEqual([
    { kind: 'directory', path: '/run/dbns/gone' },
    { kind: 'links', group: GROUP },
    { kind: 'netns', name: 'dbns-gone-node1' },
    { kind: 'nft-table', family: 'inet', name: 'dbns-gone' },
    { kind: 'processes', namespace: 'dbns-gone-node1' },
  ]);
});
