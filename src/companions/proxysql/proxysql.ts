import type { Step } from '../../cluster/plan.js';
import { UsageError } from '../../errors/errors.js';
import { serverArgv, spawnStep } from '../../servers/start.js';
import { waitUntil } from '../../servers/wait.js';
import type { CompanionKind, CompanionSetting, Leading } from '../companion.js';
import { adminAccount, askAdmin, passwordFile } from './admin.js';
import { configFile, databaseFile, renderConfig } from './config.js';
import { proxysqlProgram } from './inspect.js';
import { lead } from './lead.js';
import { askChecks, askServers, stateOf } from './servers.js';
import { addUser } from './users.js';

/** ProxySQL: one port, behind which reads and writes go different ways. Its own monitors find out who is what. */
export const proxysql: CompanionKind = {
  name: 'proxysql',
  summary: 'ProxySQL: one port with a read-write split; its own monitors find out who takes writes',
  defaultImage: 'proxysql:2.7',
  server: proxysqlProgram,
  socketName: 'admin.sock',
  ports({ protocol }) {
    if (protocol !== 'mysql') throw new UsageError('ProxySQL knows nothing of MongoDB.');
    return { client: 6033 };
  },
  start: (setting, leading) => ({
    sequence: [configStep(setting, leading), startStep(setting), serversStep(setting, leading)],
  }),
  lead,
  ask: (standing, timeout) =>
    askAdmin(standing, timeout, async (session) =>
      stateOf(standing.front, await askServers(session), await askChecks(session, standing.front.sign)),
    ),
  passesTls: false,
  admin: adminAccount,
  addUser,
};

/** Passwords are plain in its files, and its sockets are open to all who get there. */
function configStep(setting: CompanionSetting, leading: Leading): Step {
  const { companion } = setting;
  const admin = adminAccount(setting);
  const content = renderConfig(setting, leading, admin);
  return {
    step: `write the configuration of ${companion.name}`,
    acts: [
      { do: 'mkdir', path: companion.directory, mode: 0o700, owner: 'server' },
      { do: 'write', path: passwordFile(setting), content: `${admin.password}\n`, mode: 0o600, owner: 'root' },
      { do: 'write', path: configFile(setting), content, mode: 0o600, owner: 'server' },
    ],
  };
}

/** What was changed at its admin interface, and saved, is there again. Without a word it would ask the network for new versions. */
function startStep(setting: CompanionSetting): Step {
  const { machine, companion, server } = setting;
  const command = [
    ...[server.build.programs.server ?? 'proxysql', '-f', '--exit-on-error', '--no-version-check'],
    ...(machine.files.exists(databaseFile(setting)) ? [] : ['--initial']),
    ...['-D', companion.directory, '-c', configFile(setting)],
  ];
  return spawnStep(companion, serverArgv(machine, companion, { rootMounts: server.rootMounts }, command));
}

/** Nodes may have come and gone while it was stopped. */
function serversStep(setting: CompanionSetting, leading: Leading): Step {
  const { companion } = setting;
  return {
    step: `tell ${companion.name} which servers there are`,
    acts: [
      {
        do: 'ask',
        what: `${companion.name} takes orders`,
        ask: (context) =>
          waitUntil(context, async () => {
            await lead(setting, leading);
            return null;
          }),
      },
    ],
  };
}
