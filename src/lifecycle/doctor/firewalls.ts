import type { Machine } from '../../host/machine.js';
import { adviceFor, wayThrough } from '../../network/foreign-firewall.js';
import type { ForwardChain } from '../../network/observe.js';
import { ok, problem, unseen, warning, type Check } from './diagnosis.js';
import type { Survey } from './survey.js';

/** A forward chain that drops, and how clusters get through it. */
interface Barrier {
  readonly chain: ForwardChain;
  /** `create` puts rules into a chain meant for them; somebody did what the doctor said; or nothing lets them pass. */
  readonly way: 'by create' | 'by hand' | 'none';
}

/** What other firewalls do to the packets of clusters. */
export async function checkFirewalls(survey: Survey): Promise<readonly Check[]> {
  if (!survey.machine.isRoot) return [unseen('other firewalls')];
  const [barriers, legacy] = await Promise.all([barriersOf(survey), checkLegacy(survey.machine)]);
  const filtered = survey.machine.files.read(`${survey.machine.roots.proc}/sys/net/bridge/bridge-nf-call-iptables`);
  return [...judgeBarriers(barriers), ...judgeBridgeFilter(filtered?.trim() === '1', barriers), ...legacy];
}

async function barriersOf({ machine, network }: Survey): Promise<readonly Barrier[]> {
  const { droppingForwardChains } = await network();
  const { blocked } = wayThrough(await network());
  return Promise.all(
    droppingForwardChains.map(async (chain): Promise<Barrier> => {
      if (!blocked.includes(chain)) return { chain, way: 'by create' };
      return { chain, way: (await isOpened(machine, chain)) ? 'by hand' : 'none' };
    }),
  );
}

async function isOpened(machine: Machine, { family, table, chain }: ForwardChain): Promise<boolean> {
  const { stdout } = await machine.run(['nft', 'list', 'chain', family, table, chain], { allowFailure: true });
  return admitsClusters(stdout);
}

/** Whether a chain, as nft lists it, has the rules that `adviceFor` names. */
export function admitsClusters(listing: string): boolean {
  const rules = ['iifname "dbns*" accept', 'oifname "dbns*" ct state established,related accept'];
  return rules.every((rule) => listing.includes(rule));
}

export function judgeBarriers(barriers: readonly Barrier[]): readonly Check[] {
  const name = 'forward chains';
  if (barriers.length === 0) return [ok(name, 'no other firewall drops what is forwarded')];
  return barriers.map(({ chain, way }) => {
    const title = titleOf(chain);
    if (way === 'by create') return ok(name, `${title} drops; 'create' puts its rules into the chain meant for them`);
    if (way === 'by hand') return ok(name, `${title} drops, and lets clusters pass`);
    return warning(name, `${title} drops what is forwarded: nodes do not get out`, [adviceFor(chain)]);
  });
}

/** With br_netfilter, packets from node to node meet the forward chains of the machine as well. */
export function judgeBridgeFilter(filtered: boolean, barriers: readonly Barrier[]): readonly Check[] {
  const name = 'bridge filter';
  if (!filtered) return [];
  const closed = barriers.filter(({ way }) => way === 'none').map(({ chain }) => chain);
  if (closed.length === 0)
    return [ok(name, 'br_netfilter is on: firewalls see packets from node to node, and pass them')];
  const found = `br_netfilter is on: ${closed.map(titleOf).join(', ')} drops packets from node to node, too`;
  return [problem(name, found, [...closed.map((chain) => adviceFor(chain)), BRIDGE_FILTER_OFF])];
}

const BRIDGE_FILTER_OFF = 'sysctl -w net.bridge.bridge-nf-call-iptables=0';

function titleOf({ family, table, chain }: ForwardChain): string {
  return `${chain} of ${family} ${table}`;
}

/** nft does not show the rules of the old iptables, which packets meet all the same. */
async function checkLegacy(machine: Machine): Promise<readonly Check[]> {
  const tables = machine.files.read(`${machine.roots.proc}/net/ip_tables_names`) ?? '';
  if (!tables.split('\n').includes('filter')) return [];
  if (machine.which('iptables-legacy') === null) return [judgeLegacy(null)];
  const { stdout } = await machine.run(['iptables-legacy', '-S', 'FORWARD'], { allowFailure: true });
  return [judgeLegacy(stdout)];
}

/** From what `iptables-legacy -S FORWARD` printed; null when there is no such program. */
export function judgeLegacy(listing: string | null): Check {
  const name = 'legacy iptables';
  if (listing === null) return warning(name, 'in use, and not seen by nft: it may drop what is forwarded', LEGACY_LOOK);
  if (!/^-P FORWARD DROP$|^-A FORWARD .*-j (?:DROP|REJECT)/m.test(listing)) return ok(name, 'in use; it drops nothing');
  if (/^-A FORWARD -i dbns\+ -j ACCEPT$/m.test(listing)) return ok(name, 'in use; it lets clusters pass');
  return warning(name, 'its FORWARD chain drops or rejects: nodes may not get out', LEGACY_OPEN);
}

const LEGACY_LOOK = ['apt-get install iptables', 'iptables-legacy -S FORWARD'];
const LEGACY_OPEN = [
  'iptables-legacy -I FORWARD -i dbns+ -j ACCEPT && iptables-legacy -I FORWARD -o dbns+ -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
];
