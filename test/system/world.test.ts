import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run, start } from './world/command.js';
import { difference } from './world/difference.js';
import { expectSameMachine, outside, snapshot } from './world/machine.js';
import { MACHINE, MACHINE_ADDRESS, OUTSIDE, OUTSIDE_ADDRESS } from './world/places.js';
import { answerAt, askFrom } from './world/traffic.js';

const ENTER = path.join(import.meta.dirname, 'world/enter.sh');

const sh = (script: string) => run(['bash', '-c', script]);

let before = '';
beforeEach(async () => {
  before = await snapshot();
});
afterEach(async () => {
  expectSameMachine(before, await snapshot());
});

describe('a world', () => {
  test('looks like a fresh machine', async () => {
    expect(existsSync('/run/netns')).toBe(false);
    expect(existsSync('/run/dbns')).toBe(false);
    expect(existsSync('/etc/netns')).toBe(false);
    expect((await run(['ip', 'netns', 'list'])).stdout).toBe('');
    expect((await run(['nft', 'list', 'ruleset'])).stdout).toBe('');
    const { stdout } = await sh('find /tmp /var/tmp /dev/shm "$HOME" -mindepth 1 -maxdepth 1 -printf "%p/\\n"');
    const strange = stdout.split('\n').filter((directory) => !import.meta.dirname.startsWith(directory));
    expect(strange).toEqual([]);
    expect((await sh('ls -A /var/lib/dbns')).stdout.trim()).toMatch(/^(images)?\n?(pristine)?$/);
    expect(readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim()).toBe('0');
  });

  test('shares no mount with the machine', () => {
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toMatch(/ (shared|master):/);
  });

  test('sees its own processes alone', () => {
    expect(readFileSync('/proc/1/cmdline', 'utf8')).toContain('inside.sh');
  });

  test('has its data on a disk', async () => {
    expect((await run(['stat', '--file-system', '--format', '%T', '/var/lib/dbns'])).stdout).not.toContain('tmpfs');
  });

  test('lets named namespaces and bubblewrap work as on a machine', async () => {
    await sh('ip netns add works && mkdir -p /etc/netns/works && echo "10.200.0.2 node1" > /etc/netns/works/hosts');
    const sandbox = 'bwrap --ro-bind / / --dev /dev --proc /proc --unshare-pid --unshare-uts --hostname node1';
    const seen = await sh(
      `ip netns exec works ${sandbox} sh -c 'hostname; cat /etc/hosts; ls /sys/class/net; echo $$'`,
    );
    expect(seen.stdout.split('\n')).toEqual(['node1', '10.200.0.2 node1', 'lo', expect.stringMatching(/^[23]$/), '']);
    await sh('ip netns delete works && umount /run/netns && rmdir /run/netns && rm -r /etc/netns');
  });

  test('buries the processes that lost their parent', async () => {
    const { stdout } = await sh('(sleep 0.1 & echo $!)');
    await expect.poll(() => existsSync(`/proc/${stdout.trim()}`)).toBe(false);
  });
});

describe('the outside host', () => {
  test('answers the machine, and the machine answers it', async () => {
    const there = await answerAt(OUTSIDE, 8080);
    const here = await answerAt(MACHINE, 8080);
    expect(await askFrom(MACHINE, OUTSIDE_ADDRESS, 8080)).toBe(MACHINE_ADDRESS);
    expect(await askFrom(OUTSIDE, MACHINE_ADDRESS, 8080)).toBe(OUTSIDE_ADDRESS);
    await Promise.all([there.stop(), here.stop()]);
    expect(await askFrom(MACHINE, OUTSIDE_ADDRESS, 8080)).toBeNull();
  });

  test('is the next hop for all the rest, and knows no way to a cluster', async () => {
    expect((await run(['ip', 'route', 'get', '192.0.2.1'])).stdout).toContain(`via ${OUTSIDE_ADDRESS}`);
    expect((await outside(['ip', 'route', 'get', '10.200.0.2'], { expectExit: 'any' })).exitCode).not.toBe(0);
  });

  test('reaches a namespace of the machine only when both have a route and forwarding is on', async () => {
    await sh(`set -e
      ip netns add inner
      ip link add inner0 type veth peer name eth0 netns inner
      ip address add 10.200.9.1/24 dev inner0; ip link set inner0 up
      ip -n inner address add 10.200.9.2/24 dev eth0; ip -n inner link set eth0 up
      ip -n inner route add default via 10.200.9.1`);
    const inner = ['ip', 'netns', 'exec', 'inner'];
    const server = await answerAt(inner, 8080);
    expect(await askFrom(OUTSIDE, '10.200.9.2', 8080, 300)).toBeNull();
    await outside(['ip', 'route', 'add', '10.200.0.0/16', 'via', MACHINE_ADDRESS]);
    expect(await askFrom(OUTSIDE, '10.200.9.2', 8080, 300)).toBeNull();
    await sh('echo 1 > /proc/sys/net/ipv4/ip_forward');
    expect(await askFrom(OUTSIDE, '10.200.9.2', 8080)).toBe(OUTSIDE_ADDRESS);
    await server.stop();
    await outside(['ip', 'route', 'delete', '10.200.0.0/16']);
    await sh('echo 0 > /proc/sys/net/ipv4/ip_forward; ip link delete inner0; ip netns delete inner');
    await sh('umount /run/netns; rmdir /run/netns');
  });
});

describe('the snapshot', () => {
  test('is the same twice', async () => {
    expect(await snapshot()).toBe(before);
  });

  const removeNetns = 'ip netns delete left && umount /run/netns && rmdir /run/netns';
  const removeProcess = 'kill $(cat ~/left); while kill -0 $(cat ~/left) 2>/dev/null; do sleep 0.01; done; rm ~/left';
  test.each([
    ['a link', 'ip link add left0 type bridge', 'ip link delete left0', /\+ link left0: .* type bridge/],
    ['an alias', 'ip link set uplink0 alias left', 'ip link set uplink0 alias ""', /\+ link uplink0.* alias left/],
    [
      'an address',
      'ip addr add 10.200.7.1/24 dev lo',
      'ip addr del 10.200.7.1/24 dev lo',
      /\+ address lo inet 10\.200/,
    ],
    ['a route', 'ip route add blackhole 10.200.0.0/16', 'ip route del blackhole 10.200.0.0/16', /\+ route blackhole/],
    ['a rule', 'ip rule add pref 9 table 9', 'ip rule del pref 9 table 9', /\+ rule 9: /],
    ['a namespace', 'ip netns add left', removeNetns, /\+ left\n/],
    [
      'a link in a namespace',
      'ip netns add left; ip -n left link add left0 type bridge',
      removeNetns,
      /\+ {3}link left0/,
    ],
    ['an nft table', 'nft add table inet left', 'nft delete table inet left', /\+ table inet left/],
    ['a mount', 'mount -t tmpfs left /mnt', 'umount /mnt', /\+ \/mnt tmpfs/],
    [
      'a process',
      // It is setsid for a moment, before it is sleep.
      'setsid sleep 1234 >/dev/null 2>&1 & echo $! > ~/left; until grep -q sleep /proc/$!/comm; do sleep 0.01; done',
      removeProcess,
      /\+ sleep: sleep 1234/,
    ],
    ['a sysctl', 'sysctl -qw net.ipv4.ip_forward=1', 'sysctl -qw net.ipv4.ip_forward=0', /\+ net\/ipv4\/ip_forward:1/],
    ['a file of state', 'mkdir -p /var/lib/dbns/left/x', 'rm -r /var/lib/dbns/left', /\+ \/var\/lib\/dbns\/left\/x d/],
    ['a file in /run/dbns', 'mkdir /run/dbns', 'rmdir /run/dbns', /\+ \/run\/dbns d/],
    ['a file in /etc/netns', 'mkdir /etc/netns', 'rmdir /etc/netns', /\+ \/etc\/netns d/],
    ['a changed mode', 'chmod 700 /var/lib/dbns', 'chmod 755 /var/lib/dbns', /\+ \/var\/lib\/dbns d 700/],
    ['a new file in /etc', 'touch /etc/left', 'rm /etc/left', /\+ \/etc\/left f/],
    ['a file of the user', 'mkdir -p ~/.cache/dbns', 'rm -r ~/.cache', /\+ .*\/\.cache\/dbns d/],
    ['a temporary file', 'touch /tmp/left', 'rm /tmp/left', /\+ \/tmp\/left f/],
  ])('sees %s', async (_, make, remove, line) => {
    await run(['bash', '-c', make]);
    const lines = difference(before, await snapshot());
    await sh(remove);
    expect(lines).toMatch(line);
  });

  test('sees a changed file in /etc', async () => {
    await sh('cp -p /etc/hosts /etc/kept; echo >> /etc/hosts');
    expect(difference(before, await snapshot())).toMatch(/\+ \/etc\/hosts f/);
    before = await snapshot(); // that it was changed can't be undone
    await sh('cat /etc/kept > /etc/hosts; rm /etc/kept');
    before = await snapshot();
  });

  test('sees a unix socket of dbns', async () => {
    const listen = "require('net').createServer().listen('\\0dbns-left', () => console.log('ready'))";
    const { child, result } = start([process.execPath, '-e', listen], { expectExit: 'any' });
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    expect(difference(before, await snapshot())).toMatch(/\+ .* @dbns-left/);
    child.kill('SIGKILL');
    await result;
  });

  test('lets caches grow, under a heading of their own', async () => {
    await sh('mkdir -p /var/lib/dbns/pristine/left/data');
    const after = await snapshot();
    expect(after.replace(/^[^]*# caches: may stay/, '')).toContain('/var/lib/dbns/pristine/left d\n');
    expectSameMachine(before, after);
    await sh('rm -r /var/lib/dbns/pristine/left');
  });
});

describe('a world seen from outside (here: from the world around it)', () => {
  const wreck = `
    ip netns add left; ip link add left0 type bridge; nft add table inet left; mount -t tmpfs left /mnt
    mkdir -p /etc/netns/left /run/dbns/left /var/lib/dbns/left; touch /etc/left /tmp/left /var/tmp/left /dev/shm/left
    echo 1 > /proc/sys/net/ipv4/ip_forward; setsid sleep 1234 >/dev/null 2>&1 </dev/null &
    sleep 0.2`;

  test('passes the exit code on and leaves nothing', async () => {
    await run([ENTER, 'bash', '-c', `${wreck}; exit 7`], { expectExit: 7 });
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing after %s', async (signal) => {
    const { child, result } = start([ENTER, 'bash', '-c', `${wreck}; echo ready; sleep 1234`], { expectExit: 'any' });
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill(signal);
    expect((await result).exitCode).toBe(signal === 'SIGINT' ? 130 : 143);
  });

  test('ends with who started it, be it by kill -9; the next one removes its files', async () => {
    const { child, result } = start([ENTER, 'bash', '-c', `${wreck}; echo ready; sleep 1234`], { expectExit: 'any' });
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGKILL');
    await result;
    await expect.poll(snapshot).not.toContain('sleep 1234');
    await sh('touch --date "2 minutes ago" /var/tmp/dbns-world-*');
    await run([ENTER, 'true']);
  });

  test("sees the machine's images, but no cluster and no namespace of it", async () => {
    const { stdout: images } = await sh(
      'mkdir -p /var/lib/dbns/clusters/left /var/lib/dbns/images; ls /var/lib/dbns/images',
    );
    await sh('ip netns add left; mkdir -p /etc/netns/left');
    const look =
      'ls /var/lib/dbns /var/lib/dbns/images; ls -d /run/netns /etc/netns 2>&1; grep nsfs /proc/self/mountinfo';
    const { stdout } = await run([ENTER, 'bash', '-c', `${look} || true`], { env: { DBNS_TEST_PRISTINE: undefined } });
    expect(stdout.replace(/^ls: .*\n/gm, '')).toBe(`/var/lib/dbns:\nimages\n\n/var/lib/dbns/images:\n${images}`);
    await sh('ip netns delete left; umount /run/netns; rmdir /run/netns; rm -r /etc/netns /var/lib/dbns/clusters');
  });

  test('has a network that is not ours', async () => {
    const { stdout } = await run([ENTER, 'readlink', '/proc/self/ns/net']);
    expect(stdout.trim()).not.toBe(readlinkSync('/proc/self/ns/net'));
  });
});
