import { expect, test } from 'vitest';
import { configFile, readConfig, renderConfig } from '../../../src/companions/router/config.js';
import { readVersion } from '../../../src/companions/router/inspect.js';
import { router } from '../../../src/companions/router/router.js';
import { sampleCompanion, sampleStanding } from '../../fakes/companion.js';
import { fakeMachine } from '../../fakes/machine.js';

const companion = sampleCompanion({ kind: 'router', server: 'router 9.7.4', ports: { client: 6446, ro: 6447 } });
const standing = sampleStanding(companion);

test.each([
  ['MySQL Router  Ver 9.7.4-2 for Linux on x86_64 ((Debian))', '9.7.4'],
  ['something else', null],
])('%s: version %s', (said, version) => {
  expect(readVersion(said)).toBe(version);
});

test('what is written is read again', () => {
  const leads = { writer: 'node2', readers: ['node1', 'node3'] };
  const text = renderConfig(standing, leads);
  expect(text).toContain('destinations = 10.200.0.3:3306\n');
  expect(text).toContain('destinations = 10.200.0.2:3306,10.200.0.4:3306\n');
  expect(readConfig(text, standing)).toEqual(leads);
});

test('while nobody takes writes all are tried, and that is not taken for a writer', () => {
  const text = renderConfig(standing, { writer: null, readers: [] });
  expect(text).toContain('destinations = 10.200.0.2:3306,10.200.0.3:3306,10.200.0.4:3306\n');
  expect(readConfig(text, standing).writer).toBeNull();
});

test.each([
  [{ writer: 'node1', readers: ['node3', 'node2'] }, 'same'],
  [{ writer: 'node2', readers: ['node1', 'node3'] }, 'restart'],
  [{ writer: null, readers: ['node2'] }, 'same'],
  [{ writer: 'node1', readers: [] }, 'same'],
])('it leads to node1, and is to lead to %j: %s', async (leads, answer) => {
  const text = renderConfig(standing, { writer: 'node1', readers: ['node2', 'node3'] });
  const machine = fakeMachine({ files: { [configFile(standing)]: text } });
  expect(await router.lead({ ...standing, machine }, leads)).toBe(answer);
});

test('it knows nothing of MongoDB', () => {
  expect(() => router.ports({ ...standing.front, protocol: 'mongodb' })).toThrow(/MongoDB/);
});
