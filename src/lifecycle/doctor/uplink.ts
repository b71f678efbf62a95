import { resolvConf } from '../../network/hosts.js';
import { ok, warning, type Check } from './diagnosis.js';
import type { Survey } from './survey.js';

/** How nodes get out, and whom they ask for names. */
export async function checkUplink({ machine, network }: Survey): Promise<readonly Check[]> {
  const { uplinks } = await network();
  return [judgeUplink(uplinks), judgeResolvers(resolvConf(machine))];
}

export function judgeUplink(uplinks: readonly string[]): Check {
  const found = 'no default route: clusters are internal, their nodes reach each other and this machine';
  return uplinks.length === 0
    ? warning('uplink', found, ['ip route add default via GATEWAY'])
    : ok('uplink', `nodes get out by ${uplinks.join(', ')}`);
}

/** From the resolv.conf that nodes would get. */
export function judgeResolvers(resolvConf: string): Check {
  const found = '/etc/resolv.conf names no resolver but on loopback: nodes resolve no names but those of their cluster';
  return resolvConf === ''
    ? warning('resolver', found, ['Name a resolver in /etc/resolv.conf that is not on loopback.'])
    : ok('resolver', resolvConf.replaceAll('nameserver ', '').trim().split('\n').join(', '));
}
