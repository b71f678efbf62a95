import { expect, test } from 'vitest';
import { isInside } from '../../../src/images/inside.js';
import { fakeMachine } from '../../fakes/machine.js';

const ROOT = '/images/x/root';
const machine = fakeMachine({ files: { [`${ROOT}/opt/db/real`]: '', '/opt/machine': '', '/outside': '' } });
const LINKS = {
  'usr/sbin': '/opt/db/links',
  'opt/db/links/absolute': '/opt/db/real',
  'opt/db/links/relative': '../real',
  'opt/db/links/above': '../../../../../../opt/db/real',
  'opt/db/links/machine': '/opt/machine',
  'opt/db/links/out': '../../../../../../outside',
  'opt/db/links/round': 'round',
};
for (const directory of ['usr', 'opt/db/links'])
  machine.tree.set(`${ROOT}/${directory}`, { kind: 'directory', mode: 0o755, uid: 0 });
for (const [file, target] of Object.entries(LINKS)) machine.tree.set(`${ROOT}/${file}`, { kind: 'link', target });

test.each([
  ['/opt/db/real', true],
  ['/usr/sbin/absolute', true],
  ['/usr/sbin/relative', true],
  ['/usr/sbin/above', true],
  ['/usr/sbin/none', false],
  ['/opt/db/real/x', false],
  ['/usr/sbin/machine', false],
  ['/usr/sbin/out', false],
  ['/usr/sbin/round', false],
])('%s is there: %s', async (file, there) => {
  expect(await isInside(machine, ROOT, file)).toBe(there);
});

test("of the machine's own tree links are the machine's", async () => {
  machine.tree.set('/opt/link', { kind: 'link', target: '/opt/machine' });
  expect(await isInside(machine, '/', '/opt/link')).toBe(true);
});
