import { afterEach, expect, test } from 'vitest';
import { searchPath, which } from '../../../src/host/search-path.js';

const before = process.env.PATH;
afterEach(() => {
  process.env.PATH = before;
});

const SYSTEM = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

test.each([
  ['of cron', '/usr/bin:/bin', '/usr/bin:/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin'],
  ['of ours first', '/opt/x/bin', `/opt/x/bin:${SYSTEM}`],
  ['with what depends on where we stand', '.::bin:/opt/x/bin', `/opt/x/bin:${SYSTEM}`],
  ['that is empty', '', SYSTEM],
])('a PATH %s', (_, own, expected) => {
  process.env.PATH = own;
  expect(searchPath()).toBe(expected);
});

test('no PATH at all finds what every machine has', () => {
  delete process.env.PATH;
  expect(searchPath()).toBe(SYSTEM);
  expect(which('sh')).toMatch(/^\/(?:usr\/)?bin\/sh$/);
  expect(which('no-such-program')).toBeNull();
});
