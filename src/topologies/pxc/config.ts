import type { ServerBuild } from '../../cluster/server.js';
import type { Image } from '../../images/image.js';
import { configContext, type ConfigSubject } from '../../servers/mysqld/config.js';
import { gcacheOf } from '../../servers/mysqld/memory.js';
import { render } from '../../templates/render.js';
import { formatOptions, isProviderOption, lastingOptions } from './provider-options.js';

/** Which template a dialect's my.cnf comes from; a dialect without one has no Galera. */
export const TEMPLATES: Readonly<Partial<Record<string, string>>> = {
  mariadb: 'pxc/mariadb.cnf',
  pxc: 'pxc/percona.cnf',
};

/** The my.cnf of a node among members, which are addresses, rendered. */
export function renderConfig(
  subject: ConfigSubject,
  members: readonly string[],
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
      providerOptions: formatOptions(lastingOptions(gcacheOf(subject.memory), options)),
    },
  });
}
