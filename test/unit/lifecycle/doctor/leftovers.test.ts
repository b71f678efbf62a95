import { expect, test } from 'vitest';
import { checkLeftovers, removeLeftovers } from '../../../../src/lifecycle/doctor/leftovers.js';
import { isServer } from '../../../../src/lifecycle/doctor/orphans.js';
import { staleUsers } from '../../../../src/lifecycle/doctor/shared-users.js';
import { surveyOf } from '../../../../src/lifecycle/doctor/survey.js';
import { seal } from '../../../../src/state/manifest.js';
import { sampleCluster } from '../../../fakes/cluster.js';
import { fakeMachine, type FakeSetup } from '../../../fakes/machine.js';

const CLUSTERS = '/var/lib/dbns/clusters';
const PRISTINE = '/var/lib/dbns/pristine';

/** A machine without links and without nft tables. */
const quiet = (setup: FakeSetup) =>
  fakeMachine({ ...setup, answer: ([program]) => ({ stdout: program === 'nft' ? '{"nftables":[]}' : '[]' }) });

test('none', async () => {
  expect(await checkLeftovers(surveyOf(quiet({})))).toMatchObject([{ state: 'ok', found: 'none' }]);
});

test('drafts are found and removed', async () => {
  const machine = quiet({
    directories: [`${CLUSTERS}/.draft-deadbeef`, `${PRISTINE}/.draft-0123`, `${PRISTINE}/4567`],
  });
  await seal(machine, `${PRISTINE}/4567`);
  const told = await checkLeftovers(surveyOf(machine));
  expect(told.map(({ found }) => found)).toEqual([
    `files of clusters that are gone: ${CLUSTERS}/.draft-deadbeef`,
    `pristine directories half made: ${PRISTINE}/.draft-0123`,
  ]);
  expect(await removeLeftovers(machine)).toEqual({ fixed: told.map(({ found }) => found), failed: [] });
  expect(await checkLeftovers(surveyOf(machine))).toMatchObject([{ found: 'none' }]);
  expect(machine.files.exists(`${PRISTINE}/4567`)).toBe(true);
});

test('what another dbns is making is no draft', async () => {
  const machine = quiet({ directories: [`${PRISTINE}/.draft-0123`], locked: [PRISTINE] });
  expect(await checkLeftovers(surveyOf(machine))).toMatchObject([{ found: 'none' }]);
});

test('a create that ends between two looks was not cut short', async () => {
  const cluster = sampleCluster(1, { phase: 'creating' });
  const machine = quiet({
    files: {
      [`${CLUSTERS}/east/cluster.json`]: JSON.stringify({ version: 1, ...cluster }),
      [`${CLUSTERS}/east/journal.json`]: '{"version":1,"resources":[]}',
      [`${CLUSTERS}/east/password`]: 'secret',
      '/run/netns/dbns-east-node1': '',
    },
  });
  const ending: typeof machine = {
    ...machine,
    async lock(directory, options) {
      // It has its cluster's lock until it has written that the cluster is there.
      const created = JSON.stringify({ version: 1, ...cluster, phase: 'created' });
      if (directory.endsWith('/east')) await machine.files.write(`${CLUSTERS}/east/cluster.json`, created);
      return machine.lock(directory, options);
    },
  };
  expect((await checkLeftovers(surveyOf(ending)))[0]).toMatchObject({ found: 'none' });
});

test('a pristine directory that is not as it was made goes: the next create makes it anew', async () => {
  const machine = quiet({ files: { [`${PRISTINE}/4567/data/ibdata1`]: 'pages', [`${PRISTINE}/89ab/data/x`]: '' } });
  await seal(machine, `${PRISTINE}/4567`);
  await seal(machine, `${PRISTINE}/89ab`);
  await machine.files.write(`${PRISTINE}/4567/data/ibdata1`, '');
  const found = `a pristine directory can't be trusted: ${PRISTINE}/4567/data/ibdata1 was changed.`;
  expect(await checkLeftovers(surveyOf(machine))).toMatchObject([
    { state: 'warning', found, advice: ['dbns doctor --fix'] },
  ]);
  expect((await removeLeftovers(machine)).fixed).toEqual([found]);
  expect((await machine.files.list(PRISTINE)).map(({ name }) => name)).toEqual(['89ab']);
});

test('a broken cluster is told, and what has its name is left to destroy', async () => {
  const files = { [`${CLUSTERS}/odd/cluster.json`]: '{', '/etc/netns/dbns-odd-node1/hosts': '# dbns:deadbeef odd\n' };
  const machine = quiet({ files });
  const told = await checkLeftovers(surveyOf(machine));
  const found = `the cluster 'odd' is broken: ${CLUSTERS}/odd/cluster.json is cut or garbled: it is no JSON.`;
  expect(told).toMatchObject([{ state: 'warning', found, advice: ['dbns destroy odd'] }]);
  expect((await removeLeftovers(machine)).fixed).toEqual([]);
  expect(machine.changes.filter((change) => change.startsWith('remove'))).toEqual([]);
});

test('kept logs are told, not removed', async () => {
  const machine = quiet({ directories: ['/var/lib/dbns/failed/2026-east'] });
  expect((await removeLeftovers(machine)).fixed).toEqual([]);
  expect(await checkLeftovers(surveyOf(machine))).toMatchObject([
    { found: 'none' },
    { name: 'kept logs', state: 'ok' },
  ]);
});

test('users of what is shared that are no clusters', () => {
  const entry = (...users: string[]) => ({ resource: { kind: 'sysctl', key: 'k', before: '0' } as const, users });
  expect(staleUsers([entry('a', 'b'), entry('b', 'c')], [{ id: 'a' }])).toEqual(['b', 'c']);
  expect(staleUsers([entry('a')], [{ id: 'a' }])).toEqual([]);
  expect(staleUsers([entry()], [{ id: 'a' }])).toHaveLength(1);
});

test.each([
  ['of ours', 'Uid:\t73306\t73306\t73306\t73306\nNSpid:\t4711\t2\n', true],
  ['in a container or a test world', 'Uid:\t73306\t73306\t73306\t73306\nNSpid:\t4711\t20\t2\n', false],
  ['of somebody else', 'Uid:\t0\t0\t0\t0\nNSpid:\t4711\t2\n', false],
  ['that has ended', '', false],
])('a server %s', (_, status, is) => {
  expect(isServer(status, 73306)).toBe(is);
});
