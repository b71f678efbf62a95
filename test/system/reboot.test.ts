import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { boot, uplink } from './world/boot.js';
import { MYSQL, MARIADB, hasImages } from './world/cluster.js';
import { keepMachineClean } from './world/machine.js';
import { MONGOD, needsMongod } from './world/mongo.js';

keepMachineClean();

const NUMBERS = path.join(import.meta.dirname, 'world/numbers-mongo.mjs');

/** What does not change with a boot. */
const ADDRESS_OF_N = `ip -n dbns-c-node$n -br link show eth0 | awk '{print $3}'; ip -n dbns-c-node$n -br address show eth0 | awk '{print $3, $4}'`;
const ADDRESSES = `for n in 1 2 3; do ${ADDRESS_OF_N}; done`;
const ROWS = 'SELECT COUNT(*), SUM(id) FROM shop.t';
const rowsOn = (node: number) => `dbns client c node${node} -- -e '${ROWS}' | tail -1`;

describe.each([
  ['pxc', MARIADB],
  ['replication', MYSQL],
  ['replication', MARIADB],
  ['group', MYSQL],
])('%s of %s', (topology, image) => {
  test('comes back after a reboot, at its addresses, with all its rows', { skip: !hasImages(image) }, async () => {
    const before = await boot(`
      dbns ${topology} create c --nodes 3 --image ${image} --ipv6 >/dev/null
      dbns client c -- -e 'CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY)'
      dbns set c max_connections=77 >/dev/null
      for id in $(seq 1 50); do echo "INSERT INTO shop.t VALUES ($id);"; done | dbns client c
      ${ADDRESSES}`);
    const after = await boot(`
      dbns list | grep -c degraded >&2
      dbns start c >/dev/null
      dbns status c --check --timeout 5m >/dev/null
      ${ADDRESSES}
      for n in 1 2 3; do until [ "$(${rowsOn(1)})" = "$(dbns client c node$n -- -e '${ROWS}' | tail -1)" ]; do sleep 0.1; done; done
      ${rowsOn(1)}
      for n in 1 2 3; do dbns client c node$n -- -e 'SELECT @@max_connections' | tail -1; done | uniq
      nft list table inet dbns-c | grep -o 'oifname "up[0-9]*" masquerade'
      dbns destroy c >&2`);
    const lines = after.split('\n');
    expect(lines.slice(0, 6).join('\n')).toBe(before);
    expect(before).toMatch(/^10\.200\.0\.2\/24 fddb:[0-9a-f:]+::2\/64$/m);
    const nat = `oifname "${uplink()}" masquerade`;
    expect(lines.slice(6)).toEqual(['50\t1275', '77', nat, nat]);
  });
});

test('in a LAN: the interface has its own again, and start moves it once more', async () => {
  const wire = `ip link add lan0 type veth peer name wall0; ip link set wall0 up; ip link set lan0 up
    ip address add 192.168.7.2/24 dev lan0; ip route add 10.77.0.0/16 via 192.168.7.9 dev lan0`;
  const seen = `ip -4 -o address show | awk '$2 !~ /^up|^lo/ {print $2, $4}' | sed 's/^dbns[0-9a-f]*/bridge/'; ip route show 10.77.0.0/16 | sed 's/dbns[0-9a-f]*/bridge/; s/ *$//'`;
  const words = `--bridge-to lan0 --ip 192.168.7.50-192.168.7.52`;
  const before = await boot(`${wire}
    dbns replication create c --nodes 2 --image ${MARIADB} ${words} >/dev/null
    ${seen}`);
  expect(before).toBe('bridge 192.168.7.2/24\n10.77.0.0/16 via 192.168.7.9 dev bridge');
  const after = await boot(`${wire}
    dbns start c >/dev/null; dbns status c --check --timeout 5m >/dev/null
    ${seen}; dbns destroy c >/dev/null; ${seen}`);
  expect(after).toBe(`${before}\nlan0 192.168.7.2/24\n10.77.0.0/16 via 192.168.7.9 dev lan0`);
});

test('a subnet that is somebody else’s by then: exit 5 naming by what, and nothing is made', async () => {
  await boot('dbns pxc create c --nodes 1 --image mariadb:10.11 --subnet 10.55.0.0/24 >/dev/null');
  const said = await boot(`
    ip link add vpn0 type veth peer name vpn1; ip link set vpn0 up; ip link set vpn1 up; ip route add 10.0.0.0/8 dev vpn0
    dbns start c 2>&1 && exit 1 || echo "exit $?"
    { ls /run/netns 2>/dev/null || true; } | wc -l
    ip route del 10.0.0.0/8 dev vpn0
    dbns start c >/dev/null; dbns status c --check --timeout 5m >/dev/null; dbns destroy c >/dev/null`);
  expect(said).toContain("The network 10.55.0.0/24 of 'c' is taken by now: the route 10.0.0.0/8 dev vpn0.");
  expect(said).toMatch(/\nexit 5\n0$/);
});

describe.each([
  { words: '', nodes: [1, 2, 3] },
  { words: '--auth --shards 1 --config-nodes 1', nodes: [1, 2, 3, 4, 5] },
])('mongo create $words', ({ words, nodes }) => {
  const ask = `${process.execPath} ${NUMBERS}`;
  const addresses = `for n in ${nodes.join(' ')}; do ${ADDRESS_OF_N}; done`;

  test('comes back after a reboot, at its addresses, with all its rows', needsMongod, async () => {
    const before = await boot(`
      dbns mongo create c --image ${MONGOD} ${words} >/dev/null
      ${ask} "$(dbns uri c)" 50 >&2
      ${addresses}`);
    const after = await boot(`
      dbns list | grep -c degraded >&2
      dbns start c >/dev/null
      dbns status c --check --timeout 5m >/dev/null
      ${addresses}
      for n in 1 2 3; do until [ "$(${ask} "$(dbns uri c node$n)")" = "50 1275" ]; do sleep 0.1; done; done
      ${ask} "$(dbns uri c)"
      dbns destroy c >&2`);
    expect(after).toBe(`${before}\n50 1275`);
  });
});
