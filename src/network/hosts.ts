import { hostsOf, type Cluster, type Host } from '../cluster/cluster.js';
import { addressesOf, familiesOf } from '../cluster/family.js';
import { zoneOf } from '../cluster/zone.js';
import { markOf } from '../cluster/resource.js';
import type { Step } from '../cluster/plan.js';
import type { Machine } from '../host/machine.js';
import { leadsOut } from './routes.js';

/** Where `ip netns exec` finds a host's files for /etc. */
export function netnsEtcDirectory(machine: Machine, { namespace }: Pick<Host, 'namespace'>): string {
  return `${machine.roots.netnsEtc}/${namespace}`;
}

/**
 * hosts and resolv.conf of a host, there before its first process starts: without them every look-up of a name waits
 * ten seconds for a resolver that does not answer.
 */
export function hostsStep(machine: Machine, cluster: Cluster, host: Host, neighbours: readonly Neighbour[] = []): Step {
  const directory = netnsEtcDirectory(machine, host);
  const write = (name: string, content: string) =>
    ({ do: 'write', path: `${directory}/${name}`, content, mode: 0o644, owner: 'root' }) as const;
  return {
    step: `write hosts and resolv.conf of ${host.name}`,
    makes: [{ kind: 'directory', path: directory }],
    acts: [
      { do: 'mkdir', path: directory, mode: 0o755, owner: 'root' },
      write('hosts', hostsFile(cluster, host, neighbours)),
      write('resolv.conf', leadsOut(cluster.network) ? resolvConf(machine) : ''),
    ],
  };
}

export function hostsFile(cluster: Cluster, host: Host, neighbours: readonly Neighbour[] = []): string {
  const { id, name, network } = cluster;
  const { gateway } = zoneOf(network, host);
  return [
    `# ${markOf(id)} ${name}`,
    ...familiesOf(network).map(({ loopback }) => `${loopback} localhost`),
    ...(gateway === null ? [] : addressesOf(network, { address: gateway })).map((address) => `${address} gateway`),
    ...nameLines(cluster, neighbours),
    '',
  ].join('\n');
}

/** A cluster that another one is linked with. */
export type Neighbour = Pick<Cluster, 'name' | 'network' | 'nodes' | 'companions' | 'attached'>;

/** Its own hosts by their names; those of neighbours as `node1.CLUSTER`. */
export function nameLines(cluster: Neighbour, neighbours: readonly Neighbour[]): readonly string[] {
  return [...linesOf(cluster, ''), ...neighbours.flatMap((one) => linesOf(one, `.${one.name}`))];
}

function linesOf(cluster: Neighbour, domain: string): readonly string[] {
  return hostsOf(cluster).flatMap((host) =>
    addressesOf(cluster.network, host).map((address) => `${address} ${host.name}${domain}`),
  );
}

/**
 * The machine's resolvers as far as a namespace can reach them: those on loopback are left out, and behind the stub of
 * systemd-resolved stand the real ones.
 */
export function resolvConf(machine: Machine): string {
  for (const file of ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf']) {
    const servers = reachableResolvers(machine.files.read(file) ?? '');
    // A resolver that does not answer costs a second, not ten.
    if (servers.length > 0) return `${servers.join('\n')}\noptions timeout:1 attempts:2\n`;
  }
  return '';
}

export function reachableResolvers(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => /^nameserver\s+(?!127\.|::1|fe80)\d+\.\d+\.\d+\.\d+$/.test(line)).slice(0, 3);
}
