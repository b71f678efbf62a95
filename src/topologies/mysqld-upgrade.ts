import path from 'node:path';
import type { Node } from '../cluster/cluster.js';
import type { Plan } from '../cluster/plan.js';
import { atLeast, readTitle, serverTitle, type ServerBuild } from '../cluster/server.js';
import { UsageError } from '../errors/errors.js';
import { containerArgv } from '../process/container.js';
import { etcBinds } from '../process/etc.js';
import { familyOf } from '../servers/mysqld/dialects.js';
import { pristineOptions } from '../servers/mysqld/options.js';
import { CERTIFICATE, certificateWords, needsCertificate } from '../servers/mysqld/pristine.js';
import { refusalOf } from '../servers/mysqld/validate.js';
import { serverOf, type Setting } from './setting.js';
import type { Upgrade } from './upgrade.js';

const NOTHING: Plan = { sequence: [] };

/** What is the same of all whose servers are of MySQL's family. */
export const mysqldUpgrade = {
  handsOver: true,
  check: (_cluster, chosen, to) => {
    for (const node of chosen) assertStep(node, to);
  },
  // Plugins are not loaded: what is theirs is left to the start.
  refusal: (setting, node) =>
    refusalOf(setting.machine, serverOf(setting, node), pristineOptions(node.options), new Set()),
  forecast: () => Promise.resolve([]),
  prepare: (setting, node) => certificatePlan(setting, node),
  complete: (setting, node) =>
    familyOf(serverOf(setting, node).build) === 'mariadb' ? tablesPlan(setting, node) : NOTHING,
  finish: () => NOTHING,
} satisfies Omit<Upgrade, 'order'>;

/** Series with long-term support: from one of them the next is the furthest. Source: refman "Upgrade Paths". */
const MYSQL_LTS = ['5.7', '8.0', '8.4', '9.7'];

function assertStep(node: Node, to: ServerBuild): void {
  const from = readTitle(node.server);
  if (from.dialect === 'mariadb') return;
  const next = MYSQL_LTS.find((series) => !atLeast(from.version, series));
  const series = to.version.split('.').slice(0, 2).join('.');
  if (next === undefined || atLeast(next, series)) return;
  throw new UsageError(
    `${node.name} has ${node.server}, and ${serverTitle(to)} takes data of the series before it alone: upgrade to ${next} first.`,
  );
}

/** A server that would make itself one at every start gets one, as those have that were made with it. */
function certificatePlan(setting: Setting, node: Node): Plan {
  const { build } = serverOf(setting, node);
  const data = `${node.directory}/data`;
  if (!needsCertificate(build) || setting.machine.files.exists(`${data}/${CERTIFICATE.certificate}`)) return NOTHING;
  return {
    step: `make a certificate for ${node.name}`,
    acts: [{ do: 'run', argv: inTree(setting, node, 'server', certificateWords(build, data)) }],
  };
}

/**
 * Brings the server's own tables to its version: of no binary log and no write set, for every node does it by itself. Once more it
 * sees that nothing is left to do. Source: mariadb.com/kb "mariadb-upgrade".
 */
function tablesPlan(setting: Setting, node: Node): Plan {
  const { build } = serverOf(setting, node);
  const data = `${node.directory}/data`;
  const words = [
    ...[build.programs.upgrade ?? 'mariadb-upgrade', '--no-defaults', `--socket=${node.socket}`, '--user=root'],
    ...['--skip-write-binlog', '--silent'],
  ];
  const title = `bring the tables of ${node.name} to ${serverTitle(build)}`;
  return {
    title,
    sequence: [
      {
        step: title,
        acts: [
          { do: 'run', argv: inTree(setting, node, 'root', words) },
          // What it notes there is the servers' user's, or a transfer of all data could not read it.
          { do: 'run', argv: ['find', data, ...NOTES, '-exec', 'chown', `--reference=${data}`, '{}', '+'] },
        ],
      },
    ],
  };
}

/** By their names in all versions. */
const NOTES = ['-maxdepth', '1', '-name', 'm*_upgrade_info'];

/** A program of a node's image, beside its data and its socket, without a network. */
function inTree(setting: Setting, node: Node, user: 'server' | 'root', command: readonly string[]): readonly string[] {
  return containerArgv(
    setting.machine,
    {
      rootMounts: serverOf(setting, node).rootMounts,
      writable: [node.directory, path.dirname(node.socket)],
      files: etcBinds(path.dirname(node.directory)),
      hostname: node.name,
      network: 'none',
      user,
      dieWithParent: true,
    },
    command,
  );
}
