import { ipv6Of } from '../../cluster/family.js';
import { render } from '../../templates/render.js';
import type { Leading, Standing } from '../companion.js';

/** Where its configuration is, outside of what it can write. */
export function configFile({ companion }: Pick<Standing, 'companion'>): string {
  return `${companion.directory}/haproxy.cfg`;
}

/** `templates/haproxy/haproxy.cfg.hbs`, for those that are led to at this moment. */
export function renderConfig({ companion, front }: Standing, { writer, readers }: Leading): string {
  const servers = (leads: (name: string) => boolean) =>
    front.nodes.map(({ name, address, ports }) => ({ name, address, port: ports.client, leads: leads(name) }));
  return render('haproxy/haproxy.cfg', {
    companion,
    cluster: front.cluster,
    ipv6: ipv6Of(front.network, companion),
    writes: servers((name) => name === writer),
    reads: servers((name) => readers.includes(name)),
  });
}
