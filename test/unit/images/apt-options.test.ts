import { expect, test } from 'vitest';
import { localMachine } from '../../../src/host/local-machine.js';
import { aptOptions, wayOut } from '../../../src/images/apt-options.js';

// Recorded from `apt-config dump`.
const DUMP = `Acquire::http "";
Acquire::http::Proxy "http://127.0.0.1:3142";
Acquire::http::Proxy-Auto-Detect "/usr/bin/true";
Acquire::https "";
Acquire::https::Proxy "";
Acquire::https::Proxy::127.0.0.1 "DIRECT";
`;

const machine = { ...localMachine, run: () => Promise.resolve({ stdout: DUMP, stderr: '', exitCode: 0 }) };

test("passes the machine's proxies on", () => {
  expect(wayOut(DUMP)).toEqual([
    'Acquire::http::Proxy "http://127.0.0.1:3142";',
    'Acquire::http::Proxy-Auto-Detect "/usr/bin/true";',
    'Acquire::https::Proxy::127.0.0.1 "DIRECT";',
  ]);
});

test('takes expired archives only when told', async () => {
  expect(await aptOptions(machine, { allowExpired: false })).not.toContain('Check-Valid-Until');
  expect(await aptOptions(machine, { allowExpired: true })).toContain('Acquire::Check-Valid-Until "false";\n');
});
