import { expect, test } from 'vitest';
import { parentsOf } from '../../../src/host/parents.js';
import { containerArgv, inNamespace, type ContainerSpec } from '../../../src/process/container.js';
import { fakeMachine } from '../../fakes/machine.js';

const spec: ContainerSpec = {
  rootMounts: ['--ro-bind', '/image/usr', '/usr'],
  writable: ['/var/lib/dbns/clusters/east/node1', '/run/dbns/east/node1'],
  files: { '/etc/netns/dbns-east-node1/hosts': '/etc/hosts' },
  hostname: 'node1',
  network: 'namespace',
  user: 'server',
};

/** An argument a line, with its words. */
const lines = (argv: readonly string[]) => argv.join(' ').replace(/ (?=--)/g, '\n');

test('a server: unprivileged, a PID space of its own, parents that it can pass', () => {
  const argv = containerArgv(fakeMachine(), spec, ['/usr/sbin/mariadbd', '--defaults-file=/d/my.cnf']);
  expect(lines(inNamespace('dbns-east-node1', argv))).toMatchInlineSnapshot(`
    "ip netns exec dbns-east-node1 bwrap
    --ro-bind /image/usr /usr
    --dev /dev
    --proc /proc
    --dir /run
    --dir /var
    --perms 1777
    --tmpfs /tmp
    --perms 1777
    --tmpfs /var/tmp
    --dir /var
    --dir /var/lib
    --dir /var/lib/dbns
    --dir /var/lib/dbns/clusters
    --dir /var/lib/dbns/clusters/east
    --dir /run
    --dir /run/dbns
    --dir /run/dbns/east
    --dir /etc
    --bind /var/lib/dbns/clusters/east/node1 /var/lib/dbns/clusters/east/node1
    --bind /run/dbns/east/node1 /run/dbns/east/node1
    --ro-bind /etc/netns/dbns-east-node1/hosts /etc/hosts
    --unshare-pid
    --unshare-ipc
    --clearenv
    --setenv PATH /usr/sbin:/usr/bin:/sbin:/bin
    --unshare-uts
    --hostname node1
    --chdir / setpriv
    --reuid 73306
    --regid 73306
    --clear-groups
    --no-new-privs
    --inh-caps -all
    --bounding-set -all
    -- /usr/sbin/mariadbd
    --defaults-file=/d/my.cnf"
  `);
});

test('a program of the user: root, with the PIDs of the machine', () => {
  const argv = containerArgv(fakeMachine(), { ...spec, user: 'root', dieWithParent: true, chdir: '/root' }, [
    'mariadb',
  ]);
  expect(lines(argv)).toMatchInlineSnapshot(`
    "bwrap
    --ro-bind /image/usr /usr
    --dev /dev
    --proc /proc
    --dir /run
    --dir /var
    --perms 1777
    --tmpfs /tmp
    --perms 1777
    --tmpfs /var/tmp
    --dir /var
    --dir /var/lib
    --dir /var/lib/dbns
    --dir /var/lib/dbns/clusters
    --dir /var/lib/dbns/clusters/east
    --dir /run
    --dir /run/dbns
    --dir /run/dbns/east
    --dir /etc
    --bind /var/lib/dbns/clusters/east/node1 /var/lib/dbns/clusters/east/node1
    --bind /run/dbns/east/node1 /run/dbns/east/node1
    --ro-bind /etc/netns/dbns-east-node1/hosts /etc/hosts
    --clearenv
    --setenv PATH /usr/sbin:/usr/bin:/sbin:/bin
    --unshare-uts
    --hostname node1
    --die-with-parent
    --chdir /root mariadb"
  `);
});

test('a lonely server has no network', () => {
  expect(containerArgv(fakeMachine(), { ...spec, network: 'none' }, ['x'])).toContain('--unshare-net');
  expect(containerArgv(fakeMachine(), spec, ['x'])).not.toContain('--unshare-net');
});

test('parentsOf names all directories above', () => {
  expect(parentsOf('/a/b/c')).toEqual(['/a', '/a/b']);
  expect(parentsOf('/a')).toEqual([]);
});
