import { expect, test } from 'vitest';
import { NotReadyError } from '../../../src/errors/errors.js';
import { isRefusal, isSaidByServer } from '../../../src/servers/said.js';

const said = (words: object) => Object.assign(new Error('said'), words);

test.each([
  ['a statement that is refused', said({ code: 'ER_NOT_VALID_PASSWORD', errno: 1819, sqlState: 'HY000' }), true, true],
  ['a connection that is lost', said({ code: 'PROTOCOL_CONNECTION_LOST', fatal: true }), true, false],
  ['a server that shuts down', said({ code: 'ER_SERVER_SHUTDOWN', errno: 1053, sqlState: '08S01' }), true, false],
  ['a socket that nobody listens on', said({ code: 'ECONNREFUSED' }), true, false],
  ['an error of ours', new NotReadyError('late'), false, false],
  ['a mistake of ours', new TypeError('x is undefined'), false, false],
])('%s', (_, error, isSaid, refuses) => {
  expect(isSaidByServer(error)).toBe(isSaid);
  expect(isRefusal(error)).toBe(refuses);
});
