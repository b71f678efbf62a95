import { ipv6Of } from '../../cluster/family.js';
import { render } from '../../templates/render.js';
import type { Leading, Standing } from '../companion.js';

/** Where its configuration is. */
export function configFile({ companion }: Pick<Standing, 'companion'>): string {
  return `${companion.directory}/mysqlrouter.conf`;
}

/** `templates/router/mysqlrouter.conf.hbs`. While nobody takes writes, or serves reads, all are tried. */
export function renderConfig({ companion, front }: Standing, { writer, readers }: Leading): string {
  const at = (leads: (name: string) => boolean) => {
    const chosen = front.nodes.filter(({ name }) => leads(name));
    const nodes = chosen.length === 0 ? front.nodes : chosen;
    return nodes.map(({ address, ports }) => `${address}:${ports.client}`).join(',');
  };
  return render('router/mysqlrouter.conf', {
    companion,
    cluster: front.cluster,
    ipv6: ipv6Of(front.network, companion),
    writes: at((name) => name === writer),
    reads: at((name) => readers.includes(name)),
  });
}

/** Where a configuration leads, by names of nodes; addresses that are no node's are nobody. */
export function readConfig(text: string, { front }: Pick<Standing, 'front'>): Leading {
  const [writes = [], reads = []] = [...text.matchAll(/^destinations = (.*)$/gm)].map(([, list = '']) =>
    list.split(',').flatMap((at) => {
      const node = front.nodes.find(({ address, ports }) => `${address}:${ports.client}` === at);
      return node === undefined ? [] : [node.name];
    }),
  );
  return { writer: writes.length === 1 ? (writes[0] ?? null) : null, readers: reads };
}
