import type { Node } from '../../cluster/cluster.js';
import type { ServerBuild } from '../../cluster/server.js';
import type { Image } from '../../images/image.js';
import { configContext, type ConfigSubject } from '../../servers/mysqld/config.js';
import { render } from '../../templates/render.js';
import type { Setting } from '../setting.js';
import { defaultMethod } from './sst.js';
import { type ProviderOptions, formatOptions, isProviderOption, lastingOptions } from './provider-options.js';

/** Which template a dialect's my.cnf comes from; a dialect without one has no Galera. */
export const TEMPLATES: Readonly<Partial<Record<string, string>>> = {
  mariadb: 'pxc/mariadb.cnf',
  pxc: 'pxc/percona.cnf',
};

/** What a my.cnf has of the cluster that the node is one of. */
export interface Membership {
  /** Addresses. */
  readonly members: readonly string[];
  readonly providerOptions: ProviderOptions;
  /** How the node takes all data over; null is the usual way of its server. */
  readonly sst: string | null;
  /** The file that has the account for that; null where none is needed. */
  readonly sstFile: string | null;
}

/** The my.cnf of a node, rendered. */
export function renderConfig(
  subject: ConfigSubject,
  { members, providerOptions, sst, sstFile }: Membership,
  server: ServerBuild,
  image: Image,
): string {
  const { options } = subject;
  const ours = { ...subject, options: options.filter((option) => !isProviderOption(option)) };
  return render(TEMPLATES[server.dialect] ?? '', {
    ...configContext(ours, server, image),
    galera: {
      provider: server.programs.galera,
      members: members.join(','),
      sst: sst ?? defaultMethod(server),
      sstFile,
      peers: sst === 'mariabackup' ? subject.peers : null,
      providerOptions: formatOptions(providerOptions),
    },
  });
}

/** The line that Galera's own options make in a my.cnf, joined with those of dbns; null for any other option. */
export function providerLine({ cluster }: Setting, node: Node, name: string): string | null {
  if (!isProviderOption({ key: name, value: null })) return null;
  const options = formatOptions(lastingOptions(cluster, node));
  return `wsrep_provider_options          = "${options}"`;
}
