import { expect, test } from 'vitest';
import { explain } from '../../../../src/servers/mysqld/explain.js';

test.each([
  ["[ERROR] [MY-000067] [Server] unknown variable 'bogus=1'.", 'DBNS_USAGE', "does not know the option 'bogus"],
  ['1 [ERROR] [MY-012584] [InnoDB] io_setup() failed with EAGAIN after 5 attempts.', 'DBNS_MACHINE', 'fs.aio-max-nr'],
])('%s is %s', (written, code, words) => {
  const error = explain(written);
  expect(error?.code).toBe(code);
  expect(error?.message).toContain(words);
});

test('what is not known is not explained', () => {
  expect(explain('[ERROR] [MY-010119] [Server] Aborting')).toBeNull();
  expect(explain('[Warning] [MY-012583] [InnoDB] io_setup() attempt 1.')).toBeNull();
});
