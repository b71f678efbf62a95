import path from 'node:path';
import type { AskContext, Plan } from '../../../cluster/plan.js';
import type { Files } from '../../../host/files.js';
import { containerArgv } from '../../../process/container.js';
import { etcBinds } from '../../../process/etc.js';
import { ask, rootAt, type Session } from '../../../servers/mysqld/client.js';
import { ownFiles } from '../../../servers/mysqld/own-files.js';
import { ACCOUNT, quoteOption } from '../../../servers/mysqld/connection.js';
import { CERTIFICATE, needsCertificate } from '../../../servers/mysqld/pristine.js';
import { whenUp } from '../../../servers/mysqld/up.js';
import { askStep } from '../../ask-step.js';
import { serverOf } from '../../topology.js';
import { remember, whenCopied, type Copy } from './copy.js';
import { start } from '../formation.js';
import { wordsFor } from '../nodes.js';
import { settingsOf } from '../settings.js';
import { askState, gtidsOf, type LogPosition } from '../state.js';

/** MariaDB is copied by mariadb-backup, which reads the files of a node while its server goes on. */
export function backupPlan(copy: Copy): Plan {
  const { setting, node, of } = copy;
  const data = `${node.directory}/data`;
  const target = `--target-dir=${data}`;
  const { build } = serverOf(setting, of);
  const certificates = needsCertificate(build) ? Object.values(CERTIFICATE) : [];
  // Asked for with the commits held up: a server that leaves out what came by another way (gtid_ignore_duplicates) never
  // answers then. By GTID nobody needs it.
  const info = settingsOf(setting.cluster).gtid ? [] : ['--slave-info'];
  // All that the source has by then is in the backup.
  const before: { state?: string } = {};
  const backup = inSandbox(copy, [`--defaults-file=${optionsFile(copy)}`, '--backup', ...info, target]);
  return {
    sequence: [
      {
        step: `say how mariadb-backup comes to ${of.name}`,
        acts: [{ do: 'write', path: optionsFile(copy), content: optionsOf(copy), mode: 0o600, owner: 'server' }],
      },
      askStep(`back ${of.name} up`, of, backup.join(' '), async (context) => {
        before.state = await ask(rootAt(of.socket), 10_000, askBinlogState);
        await whenCopied(copy, context, (signal) => setting.machine.run(backup, { signal }));
      }),
      {
        step: `make the backup the data of ${node.name}`,
        acts: [
          { do: 'remove', path: optionsFile(copy) },
          { do: 'run', argv: inSandbox(copy, ['--prepare', target]) },
          ...certificates.map(
            (file) => ({ do: 'run', argv: ['cp', '-a', `${of.directory}/data/${file}`, `${data}/${file}`] }) as const,
          ),
        ],
      },
      start(setting, node, 'apart'),
      askStep(
        `tell ${node.name} what it has`,
        node,
        'SET GLOBAL gtid_binlog_state, gtid_slave_pos to those of the backup',
        (context) => tellPosition(copy, before.state ?? '', context),
      ),
    ],
  };
}

/** Where the program sees the source's socket. */
const SOCKET = '/run/source';

function optionsFile({ node }: Copy): string {
  return `${node.directory}/backup.cnf`;
}

/** The source's own options, and the cluster's account: its password is in no argv. */
function optionsOf({ setting, of }: Copy): string {
  return [
    `!include ${of.directory}/my.cnf`,
    '[mariabackup]',
    `user = ${ACCOUNT}`,
    `password = ${quoteOption(setting.password)}`,
    `socket = ${SOCKET}/${path.basename(of.socket)}`,
    '',
  ].join('\n');
}

/** The program of the source's image, as the servers' user, with no network: it sees the source's files and socket, and writes the newcomer's. */
function inSandbox({ setting, node, of }: Copy, words: readonly string[]): readonly string[] {
  const { build, rootMounts } = serverOf(setting, of);
  return containerArgv(
    setting.machine,
    {
      rootMounts,
      writable: [node.directory],
      files: {
        ...etcBinds(path.dirname(of.directory)),
        [of.directory]: of.directory,
        [path.dirname(of.socket)]: SOCKET,
        ...ownFiles(of.options),
      },
      hostname: node.name,
      network: 'none',
      user: 'server',
      dieWithParent: true,
    },
    [build.programs.backup ?? '', ...words],
  );
}

async function askBinlogState(session: Session): Promise<string> {
  const [row] = await session.query('SELECT @@GLOBAL.gtid_binlog_state AS state');
  return gtidsOf(row?.state);
}

/**
 * What a server has that has a backup. That names the last transaction of each domain alone, whoever made it; those of others,
 * who were primaries before, are in it too. What comes last in a domain is the newest there.
 * @param before the source's gtid_binlog_state before the backup
 */
export function stateAfter(before: string, gtids: string): string {
  const makerOf = (gtid: string) => gtid.replace(/-\d+$/, '');
  const last = gtids.split(',');
  const others = before.split(',').filter((gtid) => gtid !== '' && !last.some((one) => makerOf(one) === makerOf(gtid)));
  return [...others, ...last].join(',');
}

/** Its binary log begins with what it has, so that nobody takes it for the beginning of all. */
async function tellPosition(copy: Copy, before: string, context: AskContext): Promise<void> {
  const { setting, node, of } = copy;
  const { binlog, slaves } = readInfos(setting.machine.files, `${node.directory}/data`);
  const { gtids, ...position } = readBinlogInfo(binlog);
  remember(copy, of.address, position);
  const byChannel = readSlaveInfo(slaves);
  const { channels } = await ask(rootAt(of.socket), 10_000, (session) => askState(session, wordsFor(setting, of)));
  for (const { channel, address } of channels) remember(copy, address, byChannel.get(channel));
  await whenUp(context, node, async (session) => {
    if (gtids === '') return;
    await session.query('SET GLOBAL gtid_binlog_state = ?', [stateAfter(before, gtids)]);
    await session.query('SET GLOBAL gtid_slave_pos = ?', [gtids]);
  });
}

function readInfos(files: Files, data: string) {
  const text = (what: string) =>
    files.read(`${data}/mariadb_backup_${what}`) ?? files.read(`${data}/xtrabackup_${what}`) ?? '';
  return { binlog: text('binlog_info'), slaves: text('slave_info') };
}

/** `binlog.000002	586	0-1-7`: file and position of its binary log, and the GTIDs up to there. */
export function readBinlogInfo(text: string): LogPosition & { readonly gtids: string } {
  const [file = '', position = '0', gtids = ''] = text.trim().split('\t');
  return { file, position: Number(position), gtids };
}

/** `CHANGE MASTER 'node2' TO MASTER_LOG_FILE='binlog.000001', MASTER_LOG_POS=695;`: by channel, of which one may have no name. */
export function readSlaveInfo(text: string): ReadonlyMap<string, LogPosition> {
  const lines = text.matchAll(/CHANGE MASTER (?:'(\w*)' )?TO MASTER_LOG_FILE='([^']+)', MASTER_LOG_POS=(\d+)/g);
  return new Map([...lines].map(([, channel = '', file = '', at]) => [channel, { file, position: Number(at) }]));
}
