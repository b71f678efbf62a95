import { UsageError } from '../../errors/errors.js';
import { listens } from '../../servers/listens.js';
import { serverArgv, spawnStep } from '../../servers/start.js';
import type { CompanionKind } from '../companion.js';
import { configFile, readConfig, renderConfig } from './config.js';
import { routerProgram } from './inspect.js';

/** MySQL Router with routes that are fixed: it is restarted whenever they change, and its clients are cut off then. */
export const router: CompanionKind = {
  name: 'router',
  summary: 'MySQL Router: fixed routes, so it is restarted whenever they change',
  defaultImage: 'router:9.7',
  server: routerProgram,
  socketName: 'none.sock',
  /** Those that its own bootstrap gives. */
  ports({ protocol }) {
    if (protocol !== 'mysql') throw new UsageError('MySQL Router knows nothing of MongoDB.');
    return { client: 6446, ro: 6447 };
  },
  start(setting, leading) {
    const { machine, companion, server } = setting;
    const content = renderConfig(setting, leading);
    const command = [server.build.programs.server ?? 'mysqlrouter', '--config', configFile(setting)];
    return {
      sequence: [
        {
          step: `write the configuration of ${companion.name}`,
          acts: [
            { do: 'mkdir', path: companion.directory, mode: 0o755, owner: 'server' },
            { do: 'write', path: configFile(setting), content, mode: 0o644, owner: 'root' },
          ],
        },
        spawnStep(companion, serverArgv(machine, companion, { rootMounts: server.rootMounts }, command)),
      ],
    };
  },
  lead({ machine, ...standing }, leading) {
    const led = readConfig(machine.files.read(configFile(standing)) ?? '', standing);
    const isSame =
      led.writer === leading.writer && [...led.readers].sort().join() === [...leading.readers].sort().join();
    // While there is nobody, nothing is better than what there was.
    return Promise.resolve(isSame || leading.writer === null || leading.readers.length === 0 ? 'same' : 'restart');
  },
  async ask({ machine, ...standing }) {
    const { companion } = standing;
    const { address: host, ports } = companion;
    if (!(await listens({ host, port: ports.client ?? 0 }))) throw new Error('it does not listen yet');
    return { ...readConfig(machine.files.read(configFile(standing)) ?? '', standing), reason: null };
  },
  passesTls: true,
  admin: 'MySQL Router with fixed routes has no admin interface.',
  addUser: 'MySQL Router passes logins on to the servers as they are: it needs to know no account.',
};
