import { expect, test } from 'vitest';
import { inText, tell } from '../../../src/cli/told.js';

const numbered = (message: string, syscall: string) => Object.assign(new Error(message), { code: 'ENOENT', syscall });

test('a relative path where there is no working directory is a word used wrong, not a bug', () => {
  const { exitCode, document } = tell(numbered('ENOENT: no such file or directory, uv_cwd', 'uv_cwd'));
  expect(exitCode).toBe(2);
  expect(inText(document)).toBe(
    'Error: The working directory was removed, so a relative path leads nowhere.\n  → cd /\n',
  );
});

test('any other file that is missing where one must be is a bug', () => {
  expect(tell(numbered('ENOENT: no such file', 'open'))).toMatchObject({
    exitCode: 1,
    document: { error: { code: 'DBNS_BUG' } },
  });
});
