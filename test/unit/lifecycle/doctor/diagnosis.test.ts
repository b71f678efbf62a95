import { expect, test } from 'vitest';
import { MachineError } from '../../../../src/errors/errors.js';
import { guarded, ok, problem, warning } from '../../../../src/lifecycle/doctor/diagnosis.js';
import { exitCodeOf } from '../../../../src/lifecycle/doctor/doctor.js';
import { NOT_REMOVED } from '../../../../src/lifecycle/doctor/leftovers.js';

test('a look that throws is a problem of its own', async () => {
  expect(await guarded('uplink', () => Promise.reject(new Error('no such thing')))).toEqual([
    problem('uplink', 'no such thing'),
  ]);
});

test('an error of ours brings its advice, less the one to call the doctor', async () => {
  const error = new MachineError("dbns needs 'nft'.", { suggestions: ['apt-get install nftables', 'dbns doctor'] });
  expect(await guarded('kernel', () => Promise.reject(error))).toEqual([
    problem('kernel', "dbns needs 'nft'.", ['apt-get install nftables']),
  ]);
});

test.each([
  [0, [ok('root', 'yes'), warning('images', 'none')]],
  [3, [ok('root', 'yes'), problem('nft', 'not on PATH')]],
  [8, [problem('nft', 'not on PATH'), problem(NOT_REMOVED, 'link a0: busy')]],
])('exit %i', (exitCode, checks) => {
  expect(exitCodeOf({ checks, fixed: [] })).toBe(exitCode);
});
