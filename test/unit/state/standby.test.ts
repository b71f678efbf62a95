import { expect, test } from 'vitest';
import { selectName, selectSaved } from '../../../src/lifecycle/select.js';
import { loadDuties } from '../../../src/lifecycle/keeping/duties.js';
import { createdNames, readClusters, readCreated, saveNewCluster, standbyNames } from '../../../src/state/clusters.js';
import { saveLease } from '../../../src/state/lease.js';
import { forgetMark, isStandby, loadMark, saveMark } from '../../../src/state/standby.js';
import { sampleCluster } from '../../fakes/cluster.js';
import { fakeMachine } from '../../fakes/machine.js';

const HOME = '/var/lib/dbns/clusters';

async function withStandby() {
  const machine = fakeMachine({ directories: [HOME] });
  await saveNewCluster(machine, sampleCluster(), [], 'secret');
  const ready = sampleCluster(2, { name: 'ready', id: 'b1b2c3d4' });
  await saveNewCluster(machine, ready, [], 'secret', (draft) => saveMark(machine, draft, { wish: 's1', build: 'b' }));
  return machine;
}

test('a standby is on the machine, and is nobody’s', async () => {
  const machine = await withStandby();
  expect((await readClusters(machine)).map(({ name }) => name)).toEqual(['east', 'ready']);
  expect((await readCreated(machine)).map(({ name }) => name)).toEqual(['east']);
  expect([await createdNames(machine), await standbyNames(machine)]).toEqual([['east'], ['ready']]);
  expect(await selectName(machine, undefined)).toBe('east');
  await expect(selectName(machine, 'ready')).rejects.toThrow(/'ready' is a standby/);
  await expect(selectSaved(machine, 'ready')).rejects.toThrow(/'ready' is a standby/);
});

test('is marked before anybody sees it, and without the mark is a cluster', async () => {
  const machine = await withStandby();
  const [marked, seen] = [`write ${HOME}/.draft-b1b2c3d4/standby.json`, `rename ${HOME}/.draft-b1b2c3d4 ${HOME}/ready`];
  expect(machine.changes.indexOf(marked)).toBeGreaterThan(0);
  expect(machine.changes.indexOf(marked)).toBeLessThan(machine.changes.indexOf(seen));
  expect(loadMark(machine, 'ready')).toEqual({ wish: 's1', build: 'b' });
  await forgetMark(machine, 'ready');
  expect(machine.changes.slice(-2)).toEqual([`remove ${HOME}/ready/standby.json`, `sync ${HOME}/ready`]);
  expect(isStandby(machine, 'ready')).toBe(false);
});

test('a mark that can’t be read keeps it from everybody', async () => {
  const machine = await withStandby();
  await machine.files.write(`${HOME}/ready/standby.json`, '{');
  expect(loadMark(machine, 'ready')).toEqual({ wish: '', build: '' });
  expect(await createdNames(machine)).toEqual(['east']);
});

test('a lease that somebody gave it who was killed then is no duty', async () => {
  const machine = await withStandby();
  const lease = { processes: [], until: machine.now() };
  for (const name of ['east', 'ready']) await saveLease(machine, `${HOME}/${name}`, lease);
  expect(['east', 'ready'].map((name) => loadDuties(machine, sampleCluster(2, { name })).lease)).toEqual([lease, null]);
});
