import { describe, expect, test } from 'vitest';
import type { Node } from '../../../../src/cluster/cluster.js';
import { resourcesOf, stepsOf } from '../../../../src/cluster/plan.js';
import { startStep } from '../../../../src/servers/mysqld/start.js';
import { formations } from '../../../../src/topologies/pxc/formation.js';
import type { Setting } from '../../../../src/topologies/topology.js';
import { PXC_8_0, nodeOf, nodeServer, sampleCluster, sampleSetting } from '../../../fakes/cluster.js';

const cluster = sampleCluster(3);
const setting = sampleSetting(cluster);
const [fast, sure] = formations(setting);

/** What the starts of a plan have in their forming.cnf. */
const formings = (plan: (typeof fast & object)['plan']) =>
  stepsOf(plan).flatMap(({ acts }) =>
    acts.flatMap((act) => (act.do === 'write' && act.path.endsWith('/forming.cnf') ? [act.content] : [])),
  );

function serverArgv({ machine, servers }: Setting, node: Node) {
  const { acts } = startStep(machine, node, servers.get(node.name) ?? nodeServer());
  return acts.flatMap((act) => (act.do === 'spawn' ? act.argv : []));
}

describe('startStep', () => {
  test('of MariaDB, whole', () => {
    const argv = serverArgv(setting, nodeOf(cluster));
    expect(argv.join(' ').replace(/ (?=--)/g, '\n')).toMatchInlineSnapshot(`
      "ip netns exec dbns-east-node1 sh -c end=$1 again=$2; shift 2; while :; do : >"$end"; "$@"; code=$?; echo "$code $(date +%s)" >"$end"; [ "$code" = "$again" ] || exit "$code"; done sh /var/lib/dbns/clusters/east/node1/end 16 bwrap
      --ro-bind /var/lib/dbns/images/mariadb/10.11/root/usr /usr
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
      --ro-bind /var/lib/dbns/clusters/east/passwd /etc/passwd
      --ro-bind /var/lib/dbns/clusters/east/group /etc/group
      --ro-bind /etc/netns/dbns-east-node1/hosts /etc/hosts
      --ro-bind /etc/netns/dbns-east-node1/resolv.conf /etc/resolv.conf
      --unshare-pid
      --unshare-ipc
      --clearenv
      --setenv PATH /usr/sbin:/usr/bin:/sbin:/bin
      --setenv MYSQLD_PARENT_PID 1
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
      --defaults-file=/var/lib/dbns/clusters/east/node1/my.cnf"
    `);
  });

  test('of PXC ends with its own server and its my.cnf', () => {
    const pxc = sampleSetting(cluster, nodeServer(PXC_8_0));
    expect(serverArgv(pxc, nodeOf(cluster, 3)).slice(-2)).toEqual([
      '/usr/sbin/mysqld',
      '--defaults-file=/var/lib/dbns/clusters/east/node3/my.cnf',
    ]);
  });

  test('holds no password', () => {
    expect(serverArgv(setting, nodeOf(cluster)).join(' ')).not.toContain('secret');
  });
});

describe('by the recorded view', () => {
  test('writes the view on every node, starts all at once, waits for all', () => {
    expect(fast?.patience).toBe(7500);
    const percona = sampleSetting(cluster, nodeServer(PXC_8_0));
    expect(formations(percona)[0]?.patience).toBe(19_500);
    const steps = stepsOf(fast?.plan ?? { sequence: [] });
    expect(steps.map(({ step }) => step)).toEqual([
      'record the view on every node',
      'start node1',
      'start node2',
      'start node3',
      'wait until 3 of 3 nodes are Synced',
    ]);
    const views = steps[0]?.acts.map((act) => (act.do === 'write' ? act.content : '')) ?? [];
    expect(new Set(views.map((view) => view.split('\n').slice(1).join('\n'))).size).toBe(1);
    expect(new Set(views.map((view) => view.split('\n')[0])).size).toBe(3);
    expect(steps[0]?.acts[0]).toMatchObject({
      path: '/var/lib/dbns/clusters/east/node1/data/gvwstate.dat',
      ...{ mode: 0o600, owner: 'server' },
    });
  });

  test('nobody bootstraps; all talk fast while they form', () => {
    const contents = formings(fast?.plan ?? { sequence: [] });
    expect(contents).toHaveLength(3);
    for (const content of contents) {
      expect(content).toContain(
        '"evs.join_retrans_period=PT0.1S;evs.keepalive_period=PT0.1S;evs.install_timeout=PT0.5S;gcache.size=8388608"',
      );
      expect(content).not.toContain('wsrep_new_cluster');
    }
  });

  test('names the processes as what it makes', () => {
    expect(resourcesOf(fast?.plan ?? { sequence: [] })).toEqual(
      cluster.nodes.map(({ namespace }) => ({ kind: 'processes', namespace })),
    );
  });
});

describe('of many nodes', () => {
  test('some join at a time, and stand before the next do', () => {
    const [, slow] = formations(sampleSetting(sampleCluster(18)));
    const steps = stepsOf(slow?.plan ?? { sequence: [] }).map(({ step }) => step);
    const joining = (first: number, last: number) => [
      'forget earlier views',
      ...Array.from({ length: last - first + 1 }, (_, index) => `start node${first + index}`),
    ];
    const standing = (count: number) => `wait until ${count} of 18 nodes are Synced`;
    expect(steps).toEqual([
      ...['start node1', standing(1), ...joining(2, 3), standing(3), ...joining(4, 6), standing(6)],
      ...[...joining(7, 10), standing(10), ...joining(11, 14), standing(14), ...joining(15, 18), standing(18)],
    ]);
  });
});

describe('by bootstrap and join', () => {
  test('is the last way, and the first node goes first', () => {
    expect(sure?.patience).toBeNull();
    expect(stepsOf(sure?.plan ?? { sequence: [] }).map(({ step }) => step)).toEqual([
      'start node1',
      'wait until 1 of 3 nodes are Synced',
      'forget earlier views',
      'start node2',
      'start node3',
      'wait until 3 of 3 nodes are Synced',
    ]);
    const bootstraps = formings(sure?.plan ?? { sequence: [] }).map((text) => text.includes('wsrep_new_cluster'));
    expect(bootstraps).toEqual([true, false, false]);
  });

  test('makes nothing that the first way does not make: its journal holds', () => {
    const first = resourcesOf(fast?.plan ?? { sequence: [] });
    for (const resource of resourcesOf(sure?.plan ?? { sequence: [] })) expect(first).toContainEqual(resource);
  });
});
