import type { Cluster, Node, ServerOption } from '../../cluster/cluster.js';
import type { Image } from '../../images/image.js';
import { planMemory } from '../../servers/mysqld/memory.js';
import { optionLine } from '../../servers/mysqld/options.js';
import { CERTIFICATE, needsCertificate } from '../../servers/mysqld/pristine.js';
import { serverTitle, type ServerBuild } from '../../cluster/server.js';
import { render } from '../../templates/render.js';
import { formatOptions, isProviderOption, lastingOptions } from './provider-options.js';

/** Which template a dialect's my.cnf comes from; a dialect without one has no Galera. */
export const TEMPLATES: Readonly<Partial<Record<string, string>>> = {
  mariadb: 'pxc/mariadb.cnf',
  pxc: 'pxc/percona.cnf',
};

/** What a my.cnf is about: the node of a cluster, or the one lonely start of a pristine directory. */
export interface ConfigSubject {
  readonly clusterName: string;
  readonly node: Pick<Node, 'name' | 'index' | 'address' | 'socket' | 'server'>;
  readonly data: string;
  readonly members: readonly string[];
  readonly memory: number | null;
  readonly durable: boolean;
  readonly options: readonly ServerOption[];
}

/** The my.cnf of a node, rendered. */
export function renderConfig(subject: ConfigSubject, server: ServerBuild, basedir: string | null): string {
  const memory = planMemory(subject.memory);
  const { options, members } = subject;
  return render(TEMPLATES[server.dialect] ?? '', {
    node: subject.node,
    cluster: { name: subject.clusterName },
    data: subject.data,
    basedir,
    certificate: needsCertificate(server) ? CERTIFICATE : null,
    memory: { ...memory, budget: subject.memory },
    durable: subject.durable,
    galera: {
      provider: server.programs.galera,
      members: members.join(','),
      providerOptions: formatOptions(lastingOptions(memory.gcache, options)),
    },
    options: options.filter((option) => !isProviderOption(option)).map(optionLine),
  });
}

/** An unpacked tarball must be told where it is; packages know it. */
export function basedirOf(image: Image): string | null {
  return image.kind === 'directory' ? (image.extraBinds[0] ?? null) : null;
}

/** The subject of a node of a cluster. */
export function subjectOf(cluster: Cluster, node: Node): ConfigSubject {
  return {
    clusterName: cluster.name,
    node,
    data: `${node.directory}/data`,
    members: cluster.nodes.map(({ address }) => address),
    memory: cluster.memory,
    durable: cluster.durable,
    options: cluster.options,
  };
}

/** The subject of a pristine directory: alone, on loopback, with the user's options but not the user's sizes. */
export function pristineSubject(
  directory: string,
  server: ServerBuild,
  options: readonly ServerOption[],
): ConfigSubject {
  const node = {
    name: 'pristine',
    index: 1,
    address: '127.0.0.1',
    socket: `${directory}/run/mysqld.sock`,
    server: serverTitle(server),
  };
  return {
    clusterName: 'pristine',
    node,
    data: `${directory}/data`,
    members: [],
    memory: null,
    durable: false,
    options,
  };
}
