import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { boot } from './world/boot.js';
import { hasImages, MARIADB, MYSQL } from './world/cluster.js';
import { DNSMASQ, dnsmasqArgv } from './world/dhcp-server.js';
import { MACHINE_THERE, SOMEBODY_THERE } from './world/lan.js';
import { keepMachineClean } from './world/machine.js';
import { faultsIn, networkIn } from './world/network-report.js';
import { HAS_OPEN_VSWITCH, openVswitchLines } from './world/open-vswitch.js';
import { HOURS } from './world/patience.js';
import { sample } from './world/sample.js';

// Every topology in a network of every shape: from create to destroy, with a reboot between. What passes in each shape, and
// what does not, is for the files of the shapes.

keepMachineClean();

const SNAPSHOT = path.join(import.meta.dirname, 'world/snapshot.sh');

/** On the disk, which outlives a boot. */
const DISK = '/tmp/matrix';
afterEach(() => {
  rmSync(DISK, { recursive: true });
});

/** A wire to a host that is somebody there. Without IPv6, of which addresses would come by themselves. */
const WIRE = `
  ip netns add somebody; ip netns exec somebody sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
  ip link add lan0 type veth peer name wall0 netns somebody; echo 1 >/proc/sys/net/ipv6/conf/lan0/disable_ipv6
  ip -n somebody address add ${SOMEBODY_THERE}/24 dev wall0; ip -n somebody link set wall0 up; ip link set lan0 up`;
const OWN = (link: string) => `ip address add ${MACHINE_THERE}/24 dev ${link}; ip link set ${link} up`;
const BRIDGE = `
  ip link add br0 type bridge; echo 1 >/proc/sys/net/ipv6/conf/br0/disable_ipv6; ip link set lan0 master br0; ${OWN('br0')}`;
const OPEN_VSWITCH = `${openVswitchLines(`${DISK}/ovs.db`)}
  ovs-vsctl --may-exist add-br br1 -- set bridge br1 datapath_type=netdev -- --may-exist add-port br1 lan0
  ip netns exec somebody ethtool -K wall0 tx off >/dev/null
  until [ -e /proc/sys/net/ipv6/conf/br1 ]; do sleep 0.01; done
  echo 1 >/proc/sys/net/ipv6/conf/br1/disable_ipv6; ${OWN('br1')}`;
const DHCP = `
  ip netns exec somebody ${dnsmasqArgv(`${DISK}/leases`, '192.168.7.100,192.168.7.120').join(' ')} &
  until pgrep -x dnsmasq >/dev/null; do sleep 0.01; done`;
/** No DHCP server gives it: whoever is no server of a database has an address of the user's choice. */
const proxy = '--ip 192.168.7.60';
const RANGE = '192.168.7.50-192.168.7.55';

interface Shape {
  /** Of `create`. */
  readonly words: string;
  /** What the machine has of it after a boot. */
  readonly ground?: string;
  /** Of `proxy create`. */
  readonly proxy?: string;
}

const SHAPES: readonly Shape[] = [
  { words: '--zones 2' },
  { words: '--layout routed' },
  { words: '--zones 2 --internal' },
  { words: '--ipv6' },
  { words: '--zones 2 --layout routed --ipv6 --internal' },
  { words: `--bridge-to lan0 --ip ${RANGE}`, ground: `${WIRE}; ${OWN('lan0')}` },
  { words: `--bridge-to br0 --ip ${RANGE}`, ground: `${WIRE}; ${BRIDGE}` },
  ...(HAS_OPEN_VSWITCH ? [{ words: `--bridge-to br1 --ip ${RANGE}`, ground: `${WIRE}; ${OPEN_VSWITCH}` }] : []),
  ...(DNSMASQ === null
    ? []
    : [
        { words: '--bridge-to lan0 --ip dhcp', ground: `${WIRE}; ${OWN('lan0')}${DHCP}`, proxy },
        { words: '--bridge-to br0 --ip dhcp', ground: `${WIRE}; ${BRIDGE}${DHCP}`, proxy },
      ]),
  ...(DNSMASQ !== null && HAS_OPEN_VSWITCH
    ? [{ words: '--bridge-to br1 --ip dhcp', ground: `${WIRE}; ${OPEN_VSWITCH}${DHCP}`, proxy }]
    : []),
];

const CASES = [
  ['pxc', MARIADB],
  ['replication', MARIADB],
  ['replication', MYSQL],
  ['group', MYSQL],
]
  .map(([topology = '', image = '']) => ({ topology, image }))
  .filter(({ image }) => hasImages(image))
  .flatMap((kind) => SHAPES.map((shape) => ({ ...kind, ...shape })));

/** What there is on the machine, files apart: those of a cluster are there before it starts, and its destroy takes them. */
const look = (file: string) =>
  `DBNS_WORLD= bash ${SNAPSHOT} >${DISK}/all; sed '/^# files/,/^# temporary/d; /^# caches/,$d' ${DISK}/all >${DISK}/${file}`;
/** Of what a boot makes. */
const BOOTED = `mkdir -p ${DISK}; for conf in /proc/sys/net/ipv6/conf/{up*,peer}/disable_ipv6; do echo 1 >$conf; done`;
const client = (node: string, sql: string) => `dbns client c ${node} -- -N -e '${sql}'`;
const insert = (row: number, node = '') => client(node, `INSERT INTO shop.t VALUES (${row})`);
const arrives = (rows: number, ...nodes: readonly string[]) =>
  `for node in ${nodes.join(' ')}; do until [ "$(${client('$node', 'SELECT COUNT(*) FROM shop.t')})" = ${rows} ]; do sleep 0.1; done; done`;
const network = `dbns network c --json | tr -d '\\n'; echo`;

test.each(sample(CASES, 1))(
  '$topology of $image, $words',
  { timeout: HOURS },
  async ({ topology, image, words, ground = '', proxy = '' }) => {
    await boot(`${BOOTED}; ${ground}
      dbns ${topology} create c --nodes 2 --image ${image} ${words} >&2
      ${client('', 'CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY)')}
      ${insert(1)}
      dbns stop c >&2
      dbns start c >&2
      ${insert(2)}
      dbns proxy create c ${proxy} >&2
      ${arrives(2, 'node1', 'node2')}`);
    const said = await boot(`${BOOTED}; ${ground}
      ${look('before')}
      dbns start c >&2
      dbns status c --check --timeout 5m >&2
      dbns add c >&2
      ${insert(3, 'proxy1')}
      ${arrives(3, 'node1', 'node2', 'node3')}
      ${network}
      dbns remove c node3 >&2
      ${network}
      dbns destroy c >&2
      ${look('after')}; diff ${DISK}/before ${DISK}/after`);
    const reports = said.split('\n').map((line) => networkIn(JSON.parse(line)));
    expect(reports.map(faultsIn)).toEqual([[], []]);
    expect(reports.map(({ endpoints }) => endpoints.length)).toEqual([4, 3]);
  },
);
