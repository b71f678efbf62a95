import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { dryRunText } from '../../../../src/cli/dry-run-text.js';
import { planCreate } from '../../../../src/lifecycle/birth/dry-run.js';
import { fakeMachine, type FakeSetup } from '../../../fakes/machine.js';

const recorded = (name: string) =>
  readFileSync(path.join(import.meta.dirname, '../../network/recorded', `${name}.txt`), 'utf8');
const machineWith = (setup: FakeSetup = {}) =>
  fakeMachine({
    isRoot: false,
    files: { '/etc/resolv.conf': 'nameserver 192.168.1.1\n' },
    answer: (argv) => ({ stdout: recorded(argv[0] === 'nft' ? 'nft-chains-docker' : 'ip-batch') }),
    ...setup,
  });

describe('planCreate', () => {
  test('plans a cluster whole from an image that was not pulled, and touches nothing', async () => {
    const machine = machineWith();
    const plan = await planCreate(machine, { topology: 'pxc', nodes: 2 });
    expect(machine.changes).toEqual([]);
    expect(machine.spawned).toEqual([]);
    expect(machine.ran.map(({ argv }) => argv[0])).toEqual(['ip']);
    expect(plan.notes[0]).toContain("The image mariadb:10.11 is not here yet ('dbns image pull mariadb:10.11')");
    expect(plan.cluster.networks[0]?.subnet).toBe('10.200.1.0/24');
    await expect(normalised(dryRunText(plan), plan.cluster.networks[0]?.bridge ?? '')).toMatchFileSnapshot(
      './__snapshots__/dry-run-2-nodes.txt',
    );
  });

  test("as root names the rules for another firewall's chain", async () => {
    const { steps } = await planCreate(machineWith({ isRoot: true }), { topology: 'pxc' });
    expect(steps.map(({ step }) => step)).toContain('let the cluster pass DOCKER-USER of ip filter');
  });

  test('shows no password', async () => {
    const plan = await planCreate(machineWith(), { topology: 'pxc', password: 'hunter2' });
    expect(JSON.stringify(plan)).not.toContain('hunter2');
  });
});

/** The same text for every run: what hangs on the random id, on the clock, and on the hash of the pristine key. */
function normalised(text: string, bridge: string): string {
  const id = bridge.slice(4);
  const members = [...new Set(text.match(/[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g))].sort();
  const mac = id.match(/../g)?.join(':') ?? '';
  return members
    .reduce((result, uuid, index) => result.replaceAll(uuid, `<uuid ${index + 1}>`), text)
    .replaceAll(new RegExp(`02:db:${mac}[0-9a-f:]*`, 'g'), '<mac of the bridge>')
    .replaceAll(String(0x5db00000 + Number.parseInt(id, 16)), '<group>')
    .replaceAll(new RegExp(`\\b${id}[0-9a-f]{3}\\b`, 'g'), '<id>')
    .replaceAll(`dbns${id}`, '<bridge>')
    .replaceAll(/pristine\/[0-9a-f]{16}/g, 'pristine/<key>');
}
