import { describe, expect, test } from 'vitest';
import { makeHome } from '../../../src/state/clusters.js';
import { fakeMachine } from '../../fakes/machine.js';

const HOME = '/var/lib/dbns/clusters';

describe('the directory of all clusters', () => {
  test('lets ext4 lay what is in it apart, once', async () => {
    const machine = fakeMachine({ onPath: ['chattr'] });
    await makeHome(machine);
    await makeHome(machine);
    expect(machine.ran).toEqual([{ argv: ['chattr', '+T', HOME] }]);
    expect(machine.files.exists(HOME)).toBe(true);
  });

  test('is made where there is no chattr too, and where the file system does not know the attribute', async () => {
    const bare = fakeMachine();
    const refusing = fakeMachine({ onPath: ['chattr'], answer: () => ({ exitCode: 1, stderr: 'Not supported' }) });
    await makeHome(bare);
    await makeHome(refusing);
    expect(bare.ran).toEqual([]);
    expect([bare, refusing].map(({ files }) => files.exists(HOME))).toEqual([true, true]);
  });
});
