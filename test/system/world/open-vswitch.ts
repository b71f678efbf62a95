import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run, start, type RunningCommand } from './command.js';
import { giveAddress, raise, WIRE } from './lan.js';
import { OUTSIDE } from './places.js';

// Debian's Open vSwitch, the machine's or the one that test/run unpacked: in its userspace datapath, for which no kernel lacks anything.

const CACHE = path.resolve(import.meta.dirname, '../../../node_modules/.cache');
const UNPACKED = ['openvswitch-switch', 'openvswitch-common', 'libxdp1'].map((name) => `${CACHE}/${name}/usr`);
const TREES = ['/usr', ...UNPACKED];
const SOCKET = 'unix:/run/openvswitch/db.sock';
const DATABASE = '/run/openvswitch/conf.db';

const find = (file: string) => TREES.map((tree) => `${tree}/${file}`).find((one) => existsSync(one)) ?? '';
const DAEMON = find('lib/openvswitch-switch/ovs-vswitchd') || find('sbin/ovs-vswitchd');

/** Whether there is one. */
export const HAS_OPEN_VSWITCH = DAEMON !== '' && find('bin/ovs-vsctl') !== '' && find('sbin/ovsdb-server') !== '';

const LIBRARIES = { LD_LIBRARY_PATH: UNPACKED.map((tree) => `${tree}/lib/x86_64-linux-gnu`).join(':') };

const VSCTL = `#!/bin/sh\nLD_LIBRARY_PATH=${LIBRARIES.LD_LIBRARY_PATH} exec ${find('bin/ovs-vsctl')} "$@"\n`;

let daemons: readonly RunningCommand[] = [];

/** Starts it, with the database that it had; `ovs-vsctl` is on PATH from then on. */
export async function startOpenVswitch(): Promise<void> {
  mkdirSync('/run/openvswitch', { recursive: true });
  if (!existsSync(DATABASE)) {
    const schema = find('share/openvswitch/vswitch.ovsschema');
    await run([find('bin/ovsdb-tool'), 'create', DATABASE, schema], { env: LIBRARIES });
    putOnPath();
  }
  const daemon = (argv: readonly string[]) => start(argv, { env: LIBRARIES, expectExit: 'any' });
  const database = daemon([
    find('sbin/ovsdb-server'),
    DATABASE,
    `--remote=p${SOCKET}`,
    `--unixctl=/run/openvswitch/db.ctl`,
  ]);
  while (!existsSync('/run/openvswitch/db.sock')) await new Promise((resolve) => setTimeout(resolve, 10));
  await vsctl('--no-wait', 'init');
  daemons = [daemon([DAEMON, SOCKET, '--unixctl=/run/openvswitch/switch.ctl']), database];
}

/** Lines that start it on a machine that was just booted, with a database that stays on the disk. */
export const openVswitchLines = (database: string) => `
  mkdir -p /run/openvswitch /run/bin; export PATH=/run/bin:$PATH
  printf %s '${VSCTL}' >/run/bin/ovs-vsctl; chmod +x /run/bin/ovs-vsctl
  export LD_LIBRARY_PATH=${LIBRARIES.LD_LIBRARY_PATH}
  [ -e ${database} ] || ${find('bin/ovsdb-tool')} create ${database} ${find('share/openvswitch/vswitch.ovsschema')}
  ${find('sbin/ovsdb-server')} ${database} --remote=p${SOCKET} --unixctl=/run/openvswitch/db.ctl 2>/dev/null &
  until [ -e /run/openvswitch/db.sock ]; do sleep 0.01; done
  ovs-vsctl --no-wait init
  ${DAEMON} ${SOCKET} --unixctl=/run/openvswitch/switch.ctl 2>/dev/null &
  unset LD_LIBRARY_PATH`;

/** As the machine's own would be, found by whoever looks for it. */
function putOnPath(): void {
  const directory = '/run/test-world/bin';
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${directory}/ovs-vsctl`, VSCTL, { mode: 0o755 });
  process.env.PATH = `${directory}:${process.env.PATH ?? ''}`;
}

/** A bridge `br1` with the wire in it, and the machine's address there. */
export async function addBridge(): Promise<void> {
  await vsctl('add-br', 'br1', '--', 'set', 'bridge', 'br1', 'datapath_type=netdev', '--', 'add-port', 'br1', WIRE);
  await run([...OUTSIDE, 'ethtool', '-K', 'wall0', 'tx', 'off']);
  await raise('br1');
  await giveAddress('br1');
}

/** Its database stays, as at a reboot. */
export async function stopOpenVswitch(): Promise<void> {
  for (const { child } of daemons) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  daemons = [];
}

/** Takes the bridge's device away, which outlives the process. */
export async function takeBridge(): Promise<void> {
  await run(['ip', 'link', 'delete', 'br1']);
}

/** Runs `ovs-vsctl`; answers what it says. */
export async function vsctl(...words: readonly string[]): Promise<string> {
  return (await run(['ovs-vsctl', '--timeout=10', ...words])).stdout.trim();
}
