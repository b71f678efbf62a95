import type { AskContext, Plan } from '../../../cluster/plan.js';
import { REPLICATION_ACCOUNT, hostsOf } from '../../../servers/mysqld/accounts.js';
import { ask, rootAt, type Session } from '../../../servers/mysqld/client.js';
import { isRefusal } from '../../../servers/said.js';
import { requiresTls } from '../../../servers/mysqld/tls.js';
import { whenUp } from '../../../servers/mysqld/up.js';
import { waitUntil } from '../../../servers/wait.js';
import { askStep } from '../../ask-step.js';
import { forgetChannels } from '../channels.js';
import { remember, whenCopied, type Copy } from './copy.js';
import { start } from '../formation.js';
import { wordsFor } from '../nodes.js';
import { settingsOf } from '../settings.js';
import { askState, isAtLeast, textOf, type LogPosition } from '../state.js';

/** MySQL copies by itself: a server with an empty directory asks another for all that it has, and starts again with it. */
export function clonePlan(copy: Copy): Plan {
  const { setting, node, of } = copy;
  return {
    sequence: [
      {
        parallel: [
          start(setting, node, 'apart'),
          askStep(`let ${of.name} be cloned`, of, `${INSTALL}, ${grant(copy)}, where they lack`, () =>
            prepareDonor(copy),
          ),
        ],
      },
      askStep(
        `clone ${of.name} to ${node.name}`,
        node,
        `CLONE INSTANCE FROM '${REPLICATION_ACCOUNT}'@'${of.address}':3306`,
        (context) => clone(copy, context),
      ),
      askStep(`let ${node.name} forget whose replica ${of.name} is`, node, 'STOP and RESET each channel', () =>
        settleDown(copy),
      ),
    ],
  };
}

const INSTALL = "INSTALL PLUGIN clone SONAME 'mysql_clone.so'";
const grant = ({ setting }: Copy) =>
  `GRANT BACKUP_ADMIN ON *.* TO '${REPLICATION_ACCOUNT}'@'${hostsOf(setting.cluster.network.subnet)}'`;

/** What a cluster of an earlier dbns lacks; in no binary log. */
async function prepareDonor(copy: Copy): Promise<void> {
  await ask(rootAt(copy.of.socket), 10_000, async (session) => {
    const [row] = await session.query('SELECT @@GLOBAL.super_read_only AS readOnly');
    if (Number(row?.readOnly) === 1) return;
    await session.query('SET SESSION sql_log_bin = 0');
    await installPlugin(session);
    await session.query(grant(copy));
  });
}

async function installPlugin(session: Session): Promise<void> {
  const rows = await session.query("SELECT 1 FROM information_schema.PLUGINS WHERE PLUGIN_NAME = 'clone'");
  if (rows.length === 0) await session.query(INSTALL);
}

/** Nobody writes on the newcomer meanwhile: it has no accounts but root's, at its socket. */
async function clone(copy: Copy, context: AskContext): Promise<void> {
  const { node, of } = copy;
  await whenUp(context, node, async (session) => {
    await session.query('SET GLOBAL super_read_only = OFF');
    await session.query('SET GLOBAL clone_valid_donor_list = ?', [`${of.address}:3306`]);
    await whenCopied(copy, context, (signal) => takeClone(copy, session, signal));
  });
  await waitUntil(context, async () => {
    const [row] = await ask(rootAt(node.socket), 2000, (session) =>
      session.query('SELECT STATE AS state FROM performance_schema.clone_status'),
    );
    return row?.state === 'Completed' ? null : `${node.name} has not started with its clone yet`;
  });
}

/** The server that starts again takes the connection away. */
async function takeClone({ setting, of }: Copy, session: Session, signal: AbortSignal): Promise<void> {
  const statement = `CLONE INSTANCE FROM ?@?:3306 IDENTIFIED BY ?${setting.cluster.clusterTls || requiresTls(of.options) ? ' REQUIRE SSL' : ''}`;
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      session.abort();
      reject(new Error('aborted'));
    });
  });
  const taken = session
    .query(statement, [REPLICATION_ACCOUNT, of.address, setting.password])
    .catch((error: unknown) => {
      if (isRefusal(error)) throw error;
    });
  await Promise.race([taken, aborted]);
}

/** With the data came the channels of the node that was cloned. */
async function settleDown(copy: Copy): Promise<void> {
  const { setting, node, of } = copy;
  await ask(rootAt(node.socket), 30_000, async (session) => {
    for (const { address, channel, appliedTo } of (await askState(session, wordsFor(setting, node))).channels) {
      remember(copy, address, furthest(appliedTo, await workersOf(session, channel)));
    }
    remember(copy, of.address, await clonedTo(session));
    await forgetChannels(session, setting, node);
    if (!settingsOf(setting.cluster).gtid) await beginAnew(session);
  });
}

/**
 * How far the workers of a channel had come: each writes it down with what it commits, the channel itself now and then only. Where
 * they keep the order of commits (replica_preserve_commit_order, which by position is the default) nothing before the furthest lacks.
 */
async function workersOf(session: Session, channel: string): Promise<readonly LogPosition[]> {
  const rows = await session.query(
    'SELECT Master_log_name AS file, Master_log_pos AS position FROM mysql.slave_worker_info WHERE Channel_name = ?',
    [channel],
  );
  return rows.map(({ file, position }) => ({ file: textOf(file), position: Number(position) }));
}

function furthest(first: LogPosition, others: readonly LogPosition[]): LogPosition {
  return others.reduce((one, other) => (isAtLeast(one, other) ? one : other), first);
}

/** Where the node that was cloned stood in its binary log. */
async function clonedTo(session: Session): Promise<LogPosition> {
  const [row] = await session.query(
    'SELECT BINLOG_FILE AS file, BINLOG_POSITION AS position FROM performance_schema.clone_status',
  );
  return { file: textOf(row?.file), position: Number(row?.position ?? 0) };
}

/** Without GTIDs nothing else tells that its binary logs do not reach back to the beginning: they count from 1 again. */
async function beginAnew(session: Session): Promise<void> {
  await session.query('FLUSH BINARY LOGS');
  const last = (await session.query('SHOW BINARY LOGS')).at(-1);
  await session.query('PURGE BINARY LOGS TO ?', [last?.Log_name]);
}
