import type { Node } from '../../cluster/cluster.js';
import { ask, rootAt, variables } from '../../servers/mysqld/client.js';
import { numberIn } from '../../servers/mysqld/variables.js';
import { mysqldUpgrade } from '../mysqld-upgrade.js';
import type { Setting } from '../setting.js';
import type { Upgrade } from '../upgrade.js';
import { positionText, savedState } from './position.js';
import { lastingOptions } from './provider-options.js';
import { costOf, sstMethodOf } from './sst.js';
import { statusOf } from './status.js';

/** Node by node; who is upgraded gets what it missed out of the gcache of another. */
export const upgrade: Upgrade = { ...mysqldUpgrade, order: ({ nodes }) => nodes, forecast };

/** Seconds that a node is away, and between two looks at how much is written. */
const AWAY = 15;
const LOOK = 0.5;
const MB = 1024 * 1024;

/** That it will take all data over, where that can be foreseen: told before it stops. */
async function forecast(setting: Setting, node: Node, others: readonly Node[]): Promise<readonly string[]> {
  const [donor] = others;
  if (donor === undefined) return [];
  const method = sstMethodOf(setting.cluster, node);
  const sentence = (why: string) => [
    `${node.name} will take all data over when it is back (SST by ${method}): ${why}${costOf(method)}.`,
  ];
  const saved = savedState(setting, node);
  const said = [...(await statusOf(setting, others)).values()];
  if (typeof saved === 'object' && said.length > 0) {
    const next = saved.seqno + 1;
    const reaches = said.some(({ wsrep_local_cached_downto: from }) => Number(from) <= next);
    return reaches ? [] : sentence(`no gcache reaches back to ${positionText({ ...saved, seqno: next })}`);
  }
  const rate = await writtenPerSecond(donor);
  const size = Number(numberIn(lastingOptions(setting.cluster, donor).get('gcache.size') ?? '') ?? 0);
  if (size === 0 || rate * AWAY < size) return [];
  return sentence(
    `${(rate / MB).toFixed(1)} MB/s are written, and a gcache of ${Math.round(size / MB)} MB holds ${(size / rate).toFixed(1)} s of that`,
  );
}

async function writtenPerSecond({ socket }: Node): Promise<number> {
  return ask(rootAt(socket), 5000, async (session) => {
    const written = async () => {
      const said = variables(
        await session.query(
          "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_replicated_bytes', 'wsrep_received_bytes')",
        ),
      );
      return Number(said.wsrep_replicated_bytes ?? 0) + Number(said.wsrep_received_bytes ?? 0);
    };
    const before = await written();
    await new Promise((resolve) => setTimeout(resolve, LOOK * 1000));
    return ((await written()) - before) / LOOK;
  });
}
