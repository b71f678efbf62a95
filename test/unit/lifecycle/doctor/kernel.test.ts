import { expect, test } from 'vitest';
import { checkKernel } from '../../../../src/lifecycle/doctor/kernel.js';
import { surveyOf } from '../../../../src/lifecycle/doctor/survey.js';
import { fakeMachine, type Answer } from '../../../fakes/machine.js';

const ALL = ['ip', 'nft', 'bwrap', 'tee'];
const check = (answer: Answer, { isRoot = true, onPath = ALL } = {}) =>
  checkKernel(surveyOf(fakeMachine({ answer, isRoot, onPath })));
const refuse = (stderr: string) => ({ exitCode: 1, stderr });

test('every feature is tried in a network that is thrown away', async () => {
  const machine = fakeMachine({ onPath: ALL });
  const checks = await checkKernel(surveyOf(machine));
  expect(checks.every(({ state }) => state === 'ok')).toBe(true);
  expect(machine.ran.every(({ argv }) => argv[0] === 'unshare' || argv.includes('--unshare-net'))).toBe(true);
  const inputs = machine.ran.map(({ input }) => input ?? '').join('');
  for (const words of ['type bridge', 'type veth peer', 'netns add', 'masquerade', 'ct state', 'skuid', '@routed']) {
    expect(inputs).toContain(words);
  }
});

test('what the kernel refuses is a problem with its words', async () => {
  const checks = await check((argv) => (argv.includes('/usr/bin/nft') ? refuse('Error: not supported\n^^^') : {}));
  const told = checks.filter(({ state }) => state !== 'ok');
  expect(told).toMatchObject([
    { name: 'NAT and filter rules', state: 'problem', found: 'refused: Error: not supported' },
  ]);
  expect(told[0]?.advice[0]).toMatch(/^modprobe .*nft_masq/);
});

test('without network namespaces nothing else is tried', async () => {
  const checks = await check(() => refuse('unshare failed: Operation not permitted'));
  expect(checks).toMatchObject([{ name: 'network namespaces', state: 'problem' }]);
});

test('what needs a program that is missing is not tried', async () => {
  const checks = await check(() => ({}), { onPath: ['ip', 'bwrap', 'tee'] });
  expect(checks.filter(({ state }) => state !== 'ok')).toMatchObject([
    { name: 'NAT and filter rules', state: 'warning', found: "not tried, for want of 'nft'" },
  ]);
});

test('without root it is tried in a user namespace, where there are some', async () => {
  const tried = await check((argv) => (argv.includes('--user') ? {} : refuse('not root')), { isRoot: false });
  expect(tried.every(({ state }) => state === 'ok')).toBe(true);
  const refused = await check(() => refuse('not permitted'), { isRoot: false });
  expect(refused).toMatchObject([{ name: 'kernel', state: 'warning' }]);
});
