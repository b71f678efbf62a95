import type { Act, Plan } from '../../cluster/plan.js';
import { MachineError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { atLeast, type ServerBuild } from '../../cluster/server.js';
import type { Image } from '../../images/image.js';
import { aloneArgv, layOutStep, startAloneStep, stripStep, whenEnded, whenListening } from '../pristine.js';
import { waitUntil } from '../wait.js';
import { basedirOf } from './basedir.js';
import { open, rootAt } from './client.js';
import { dialectNamed } from './dialects.js';
import { GIVES_UP } from './log.js';
import { fillTimeZones, zonesArgv } from './time-zones.js';

/** What a pristine data directory is made from. */
export interface MysqldPristine {
  readonly server: ServerBuild;
  readonly image: Image;
  readonly rootMounts: readonly string[];
  /** Where it is made: gets `my.cnf`, `data/`, `server.log`. */
  readonly directory: string;
  /** The my.cnf that it is made with. */
  readonly config: string;
  /** Words for the one start of the server, besides its config. */
  readonly startWords: readonly string[];
  /** Files of the data directory that must not be cloned, besides those of every mysqld. */
  readonly strip?: readonly string[];
  /** `null` when the server may be shut down, else what is still amiss. */
  readonly settled: (socket: string) => Promise<string | null>;
}

/**
 * Each clone makes its own server_uuid; the dump of the one start's buffer pool is of no use. Nor is a doublewrite file
 * after a clean shutdown (MySQL; these are for pages of 16 KiB), but a server that finds some keeps in memory what it read.
 */
const STRIP = ['auto.cnf', 'ib_buffer_pool', '#ib_16384_0.dblwr', '#ib_16384_1.dblwr'] as const;

/** Self-made certificate of a pristine directory, so that not every server makes its own at every start. */
export const CERTIFICATE = { certificate: 'server-cert.pem', key: 'server-key.pem' } as const;

/** Whether the dialect wants the certificate, and the image can make it. */
export function needsCertificate({ dialect, version, programs }: ServerBuild): boolean {
  const since = dialectNamed(dialect).certificateAtStartSince;
  return since !== null && atLeast(version, since) && programs.openssl !== undefined;
}

/** Initialise, start alone without a network, set up the accounts, shut down cleanly, strip. */
export function mysqldPristinePlan(machine: Machine, pristine: MysqldPristine): Plan {
  const { directory, server } = pristine;
  const data = `${directory}/data`;
  const run = (command: readonly string[]) => aloneArgv(machine, pristine, command);
  return {
    sequence: [
      layOutStep(machine, directory, { 'my.cnf': pristine.config }),
      { step: 'initialise the data directory', acts: [{ do: 'run', argv: run(initialiseWords(pristine)) }] },
      ...(needsCertificate(server)
        ? [{ step: 'make a certificate', acts: [{ do: 'run', argv: run(certificateWords(server, data)) } as const] }]
        : []),
      startAloneStep('start the server once, alone', directory, run(startWords(pristine)), GIVES_UP),
      { step: 'set up accounts and time zones, and shut down', acts: [setUp(machine, pristine)] },
      stripStep(directory, [...STRIP, ...(pristine.strip ?? [])]),
    ],
  };
}

function startWords({ server, directory, startWords: words }: MysqldPristine): readonly string[] {
  const { aloneWords } = dialectNamed(server.dialect);
  return [server.programs.server ?? '', `--defaults-file=${directory}/my.cnf`, ...aloneWords, ...words];
}

function initialiseWords({ server, directory, image }: MysqldPristine): readonly string[] {
  const { program, words } = dialectNamed(server.dialect).initialise;
  const installer = server.programs[program];
  if (installer === undefined)
    throw new MachineError(`The image ${image.ref} has no program that initialises a data directory.`);
  const basedir = basedirOf(image);
  return [
    ...[installer, `--defaults-file=${directory}/my.cnf`],
    // MariaDB's is a script, and needs the programs of the basedir before it has read the file.
    ...(basedir === null ? [] : [`--basedir=${basedir}`]),
    ...words,
  ];
}

/** What makes it, in a data directory. */
export function certificateWords({ programs }: ServerBuild, data: string): readonly string[] {
  return [
    ...[programs.openssl ?? 'openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-noenc', '-days', '3650'],
    ...['-subj', '/CN=dbns', '-keyout', `${data}/${CERTIFICATE.key}`, '-out', `${data}/${CERTIFICATE.certificate}`],
  ];
}

function setUp(machine: Machine, { directory, server, image, rootMounts, settled }: MysqldPristine): Act {
  const socket = `${directory}/run/mysqld.sock`;
  return {
    do: 'ask',
    what: 'set up accounts over the socket, and the time zones that the image or the machine has; then SHUTDOWN',
    async ask(context) {
      await whenListening(context, socket);
      await waitUntil(context, () => settled(socket));
      const session = await open(rootAt(socket), 5000);
      for (const statement of dialectNamed(server.dialect).accounts) await session.query(statement);
      const zones = await zonesArgv(machine, { build: server, image, rootMounts });
      if (zones !== null) await fillTimeZones(machine, session, server, zones);
      await session.query('SHUTDOWN');
      session.close();
      await whenEnded(context);
    },
  };
}
