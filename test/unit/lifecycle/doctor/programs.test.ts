import { expect, test } from 'vitest';
import { checkPrograms, missing, readVersion } from '../../../../src/lifecycle/doctor/programs.js';
import { surveyOf } from '../../../../src/lifecycle/doctor/survey.js';
import { fakeMachine } from '../../../fakes/machine.js';

test.each([
  ['ip utility, iproute2-6.1.0, libbpf 1.1.2', '6.1.0'],
  ['nftables v1.0.6 (Lester Gooch #5)', '1.0.6'],
  ['bubblewrap 0.8.0', '0.8.0'],
  ['cp (GNU coreutils) 9.1\nCopyright (C) 2022', '9.1'],
  ['what is it to you', null],
])('the version in %j', (said, version) => {
  expect(readVersion(said)).toBe(version);
});

test('a program is told with its place and its version', async () => {
  const machine = fakeMachine({
    onPath: ['nft', 'cp'],
    answer: ([program]) => (program === '/usr/bin/nft' ? { stdout: 'nftables v1.0.6' } : { exitCode: 1 }),
  });
  const checks = await checkPrograms(surveyOf(machine));
  expect(checks.find(({ name }) => name === 'nft')?.found).toBe('/usr/bin/nft, version 1.0.6');
  expect(checks.find(({ name }) => name === 'cp')?.found).toBe('/usr/bin/cp');
  expect(checks.find(({ name }) => name === 'ip')?.state).toBe('problem');
});

test('what is missing is told with its package; what only pulls need is a warning', () => {
  expect(missing('ip')).toMatchObject({ state: 'problem', advice: ['apt-get install iproute2'] });
  expect(missing('umount')).toMatchObject({ state: 'problem', advice: ['apt-get install mount'] });
  expect(missing('tcpdump')).toMatchObject({ state: 'warning', advice: ['apt-get install tcpdump'] });
  expect(missing('mmdebstrap')).toMatchObject({ state: 'warning', advice: ['apt-get install mmdebstrap'] });
});
