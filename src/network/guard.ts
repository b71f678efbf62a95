import type { FamilyName } from '../cluster/family.js';
import { ConflictError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { isMarkedTable } from './remove.js';

/** Of no cluster, so without a cluster's name and mark. */
const NAME = 'dbns';
const MARK = 'dbns:machine';

/** The uplinks that are guarded by a family's table: none when it is not there. */
export async function readGuard(machine: Machine, family: FamilyName): Promise<readonly string[]> {
  if ((await isMarkedTable(machine, { family, name: NAME }, MARK)) !== true) return [];
  const { stdout } = await machine.run(['nft', 'list', 'chain', family, NAME, 'forward']);
  const [, names = ''] = /iifname (.*) jump uplink/.exec(stdout) ?? [];
  return [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);
}

/**
 * Guards these uplinks and no others from what comes in by a family of addresses; with none its table goes.
 * @throws ConflictError when somebody else has a table of that name.
 */
export async function guardUplinks(machine: Machine, family: FamilyName, uplinks: readonly string[]): Promise<void> {
  const ours = await isMarkedTable(machine, { family, name: NAME }, MARK);
  if (ours === false && uplinks.length > 0)
    throw new ConflictError(`There is already, and not by dbns: nft table ${family} ${NAME}.`, {
      suggestions: [`nft list table ${family} ${NAME}`],
    });
  const input = [
    ...(ours === true ? [`delete table ${family} ${NAME}\n`] : []),
    ...(uplinks.length > 0 ? [guardRuleset(family, uplinks)] : []),
  ].join('');
  if (input !== '') await machine.run(['nft', '-f', '-'], { input });
}

/**
 * The machine's own nft table of a family. Clusters need the forwarding of their uplinks, which lets in what is meant for any other
 * network of the machine: that is dropped. Whatever another router that starts later brings about passes all the same:
 * answers, published ports (DNAT), and all that goes to an interface which itself sent something out by an uplink, for
 * then somebody turned its forwarding on.
 */
export function guardRuleset(family: FamilyName, uplinks: readonly string[]): string {
  const set = `{ ${uplinks.map((uplink) => `"${uplink}"`).join(', ')} }`;
  const same = `{ ${uplinks.map((uplink) => `"${uplink}" . "${uplink}"`).join(', ')} }`;
  return `table ${family} ${NAME} {
  comment "${MARK}"

  set routed {
    type ifname
    flags dynamic
  }

  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname != "dbns*" iifname != ${set} oifname ${set} add @routed { iifname }
    iifname ${set} jump uplink
  }

  chain uplink {
    ct state established,related return
    ct status dnat return
    oifname @routed return
    meta iifkind "bridge" iifname . oifname ${same} return
    drop
  }
}
`;
}
