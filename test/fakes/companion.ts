import type { Companion } from '../../src/cluster/cluster.js';
import type { Standing } from '../../src/companions/companion.js';
import { sampleCluster } from './cluster.js';
import { fakeMachine, type FakeMachine } from './machine.js';

/** A proxy of the sample cluster. */
export function sampleCompanion(changes: Partial<Companion> = {}): Companion {
  const directory = '/var/lib/dbns/clusters/east/proxy1';
  return {
    ...{ name: 'proxy1', kind: 'haproxy', phase: 'added', wanted: 'running', settings: {} },
    ...{ image: 'haproxy:2.6', server: 'haproxy 2.6.12', ports: { client: 3306, ro: 3307 } },
    ...{ namespace: 'dbns-east-proxy1', address: '10.200.0.9', mac: '02:db:0a:c8:00:09', link: 'dbnsa1b2ch9' },
    ...{ directory, socket: '/run/dbns/east/proxy1/admin.sock', log: `${directory}/server.log` },
    ...changes,
  };
}

/** That proxy in front of three nodes. */
export function sampleStanding(companion: Companion, machine: FakeMachine = fakeMachine()): Standing {
  const { name, nodes, network } = sampleCluster(3);
  const front = {
    ...({ cluster: name, protocol: 'mysql', nodes, server: 'mariadb 10.11.19', password: 'secret' } as const),
    ...({ memory: null, sign: 'read_only', network } as const),
  };
  return { machine, companion, front };
}
