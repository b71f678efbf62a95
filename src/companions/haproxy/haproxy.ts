import type { Step } from '../../cluster/plan.js';
import { serverArgv, spawnStep } from '../../servers/start.js';
import type { CompanionKind, CompanionSetting, Leading } from '../companion.js';
import { configFile, renderConfig } from './config.js';
import { haproxyProgram } from './inspect.js';
import { lead } from './lead.js';
import { askServers } from './servers.js';

/** HAProxy: passes connections on as they are, TLS and all. It knows nothing of roles: dbns tells it. */
export const haproxy: CompanionKind = {
  name: 'haproxy',
  summary: 'HAProxy: passes connections on; a port for writes, and one for reads',
  defaultImage: 'haproxy:2.6',
  server: haproxyProgram,
  socketName: 'admin.sock',
  /** Writes come in where servers have their own port, reads at the next one. */
  ports({ nodes }) {
    const client = nodes[0]?.ports.client ?? 0;
    return { client, ro: client + 1 };
  },
  start: (setting, leading) => ({ sequence: [configStep(setting, leading), startStep(setting)] }),
  lead,
  async ask({ machine, companion }, timeout) {
    const rows = await askServers(machine.reach(companion.socket), timeout);
    const led = (backend: string) =>
      rows.filter((row) => row.backend === backend && row.enabled && row.up).map(({ name }) => name);
    return { writer: led('writes')[0] ?? null, readers: led('reads'), reason: null };
  },
  passesTls: true,
  admin: 'HAProxy has no accounts: its socket takes commands as text, e.g. by socat.',
  addUser: 'HAProxy passes logins on to the servers as they are: it needs to know no account.',
};

function configStep(setting: CompanionSetting, leading: Leading): Step {
  const { companion } = setting;
  return {
    step: `write the configuration of ${companion.name}`,
    acts: [
      { do: 'mkdir', path: companion.directory, mode: 0o755, owner: 'root' },
      {
        do: 'write',
        path: configFile(setting),
        content: renderConfig(setting, leading),
        mode: 0o644,
        owner: 'root',
      },
    ],
  };
}

function startStep(setting: CompanionSetting): Step {
  const { machine, companion, server } = setting;
  const command = [server.build.programs.server ?? 'haproxy', '-db', '-f', configFile(setting)];
  return spawnStep(companion, serverArgv(machine, companion, { rootMounts: server.rootMounts }, command));
}
