import { describe, expect, test } from 'vitest';
import { serverTitle } from '../../../../src/cluster/server.js';
import { renderConfig } from '../../../../src/topologies/group/config.js';
import { firstStart, laterStartStep } from '../../../../src/topologies/group/first-start.js';
import { settle } from '../../../../src/topologies/group/settings.js';
import { MYSQL_9_7, PULLED, nodeOf, sampleCluster, sampleSetting } from '../../../fakes/cluster.js';

const groupOf = (words = {}, id = 'a1b2c3d4') =>
  sampleCluster(3, { id, topology: 'group', settings: settle({ topology: 'group', settings: words }).settings });
const config = (words = {}, index = 1) => {
  const cluster = groupOf(words);
  return renderConfig(cluster, { ...nodeOf(cluster, index), server: serverTitle(MYSQL_9_7) }, MYSQL_9_7, PULLED);
};

/** The files are there to be read by a DBA. */
describe('my.cnf', () => {
  test.each([
    ['mysql-9.7', 1, {}],
    ['mysql-9.7-multi-primary-mysql-stack', 2, { multiPrimary: true, communicationStack: 'mysql' }],
  ] as const)('%s', async (name, index, words) => {
    await expect(config(words, index)).toMatchFileSnapshot(`./__snapshots__/${name}.cnf`);
  });

  test('names every option once but the plugins', () => {
    const names = config()
      .split('\n')
      .filter((line) => /^[a-z]/.test(line) && !line.startsWith('plugin_load_add'))
      .map((line) => line.split('=')[0]?.trim());
    expect(new Set(names).size).toBe(names.length);
  });

  test('names the group by the cluster’s id, which makes it a UUID', () => {
    expect(config()).toMatch(/^group_replication_group_name += 64626e73-0000-4000-8000-0000a1b2c3d4$/m);
  });
});

describe('the first start', () => {
  const contents = (index: number) => {
    const setting = sampleSetting(groupOf());
    const { acts } = firstStart(
      { ...setting, password: String.raw`a'b\c?` },
      nodeOf(setting.cluster, index),
      index === 1,
    );
    return acts.flatMap((act) => (act.do === 'write' ? [act] : []));
  };

  test('makes accounts before the server listens, out of a file for the server alone', async () => {
    const [init] = contents(1);
    expect(init).toMatchObject({ mode: 0o600, owner: 'server' });
    await expect(init?.content).toMatchFileSnapshot('./__snapshots__/init.sql');
  });

  test('makes the group on the first member, and lets the others wait for their turn', () => {
    expect(contents(1)[1]?.content).toContain('group_replication_bootstrap_group = ON');
    expect(contents(2)[1]?.content).toContain('group_replication_start_on_boot = OFF');
    expect(contents(2)[1]?.content).not.toContain('bootstrap');
  });

  test('is forgotten: nothing is included, and no password is left', () => {
    const { acts } = laterStartStep(nodeOf(groupOf()));
    expect(acts).toMatchObject([
      { do: 'write', content: '', path: expect.stringMatching(/forming\.cnf$/) as string },
      { do: 'remove', path: expect.stringMatching(/init\.sql$/) as string },
    ]);
  });
});
