import type { Node } from '../../cluster/cluster.js';
import type { Machine } from '../../host/machine.js';
import { GTIDS } from '../../servers/mysqld/gtid.js';
import { containerArgv } from '../../process/container.js';
import { serverOf, type Loss, type Setting } from '../topology.js';
import type { NodeState } from './state.js';
import { wordsFor } from './nodes.js';

const UNKNOWN: Loss = { transactions: null, gtids: null };
/** Where the program sees the dead server's data, read-only. */
const DATA = '/run/binlog';

/**
 * What a dead primary has in its binary logs and its successor has not, read where the logs still are; unknown where they
 * are not, or nothing can read them.
 */
export async function lossOf(setting: Setting, former: Node, successor: NodeState): Promise<Loss> {
  const { machine } = setting;
  const { build, rootMounts } = serverOf(setting, former);
  const { family } = wordsFor(setting, former);
  const gtids = GTIDS[family];
  const has = gtids.union([successor.executed, ...successor.channels.map(({ received }) => received)]);
  const logs = await logsOf(machine, former);
  if (logs.length === 0 || build.programs.binlog === undefined) return UNKNOWN;
  const argv = containerArgv(
    machine,
    {
      rootMounts,
      writable: [],
      files: { [`${former.directory}/data`]: DATA },
      hostname: former.name,
      network: 'none',
      user: 'server',
      dieWithParent: true,
    },
    [build.programs.binlog, ...wordsAfter(family, has), ...logs.map((name) => `${DATA}/${name}`)],
  );
  const { stdout, exitCode } = await machine.run(argv, { allowFailure: true });
  if (exitCode !== 0) return UNKNOWN;
  const lost = [...new Set(gtidsIn(family, stdout))].filter((gtid) => gtids.subtract(gtid, has) !== '');
  // MariaDB's sets know the last number of each server alone.
  const named = family === 'mysql' ? gtids.union(lost) : shortened(lost);
  return { transactions: lost.length, gtids: named };
}

async function logsOf(machine: Machine, { directory }: Node): Promise<readonly string[]> {
  const entries = await machine.files.list(`${directory}/data`);
  return entries.map(({ name }) => name).filter((name) => /^binlog\.\d+$/.test(name));
}

/** Rows are not of interest: only which transactions there are. */
function wordsAfter(family: 'mysql' | 'mariadb', has: string): readonly string[] {
  const words = ['--no-defaults', '--base64-output=decode-rows'];
  return family === 'mysql' && has !== '' ? [...words, `--exclude-gtids=${has}`] : words;
}

/** The GTIDs of the transactions in what mysqlbinlog or mariadb-binlog prints. */
export function gtidsIn(family: 'mysql' | 'mariadb', text: string): readonly string[] {
  const pattern = family === 'mysql' ? /GTID_NEXT= ?'([0-9a-f-]{36}:[^']+)'/g : /\bGTID (\d+-\d+-\d+)\b/g;
  return [...text.matchAll(pattern)].map(([, gtid = '']) => gtid);
}

function shortened(gtids: readonly string[]): string {
  return gtids.length <= 5 ? gtids.join(',') : `${gtids[0] ?? ''} … ${gtids.at(-1) ?? ''}`;
}
