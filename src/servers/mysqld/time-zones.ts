import type { ServerBuild } from '../../cluster/server.js';
import type { Machine } from '../../host/machine.js';
import type { Image } from '../../images/image.js';
import { isInside } from '../../images/inside.js';
import { containerArgv } from '../../process/container.js';
import { findProgram } from '../program.js';
import type { Session } from './client.js';
import { dialectNamed } from './dialects.js';

const ZONEINFO = '/usr/share/zoneinfo';
/** Where the image's program is shown those of the machine. */
const PLACE = '/tmp/zoneinfo';
/** The same zones once more, with leap seconds and without: no server needs these, and every node would have them. */
const LEFT_OUT = ['posix', 'right'];

/**
 * The argv of the program that says what is known of time zones in SQL; null when the image has no such program, or nobody
 * knows of zones. The image's own zones go before the machine's: slim images have none.
 */
export async function zonesArgv(
  machine: Machine,
  { build, image, rootMounts }: ZonesOf,
): Promise<readonly string[] | null> {
  const inImage = await isInside(machine, image.root, `${ZONEINFO}/UTC`);
  const root = inImage ? image.root : '/';
  const program = await findProgram(machine, image, dialectNamed(build.dialect).timeZones);
  if (program === null || !(inImage || machine.files.exists(`${ZONEINFO}/UTC`))) return null;
  const place = inImage ? ZONEINFO : PLACE;
  const hidden: string[] = [];
  for (const name of LEFT_OUT) {
    if (await isInside(machine, root, `${ZONEINFO}/${name}`)) hidden.push(`${place}/${name}`);
  }
  const spec = {
    ...{ rootMounts, writable: [], files: inImage ? {} : { [ZONEINFO]: PLACE }, hidden, hostname: 'pristine' },
    ...({ network: 'none', user: 'server', dieWithParent: true } as const),
  };
  return containerArgv(machine, spec, [program, place]);
}

interface ZonesOf {
  readonly build: ServerBuild;
  readonly image: Image;
  readonly rootMounts: readonly string[];
}

/**
 * Fills the tables by which names of time zones are known. Nothing of it is in a binary log or a write set: it has no GTID,
 * and Galera's position stays where it is.
 */
export async function fillTimeZones(
  machine: Machine,
  session: Session,
  { dialect }: ServerBuild,
  argv: readonly string[],
): Promise<void> {
  const { stdout: said } = await machine.run(argv);
  // A program that reads the old half of the files alone finds no transitions in those of today's zic: better no zones than wrong ones.
  if (!said.includes('INTO time_zone_transition ')) return;
  const { family, galera } = dialectNamed(dialect);
  const unlogged = ['SET SESSION sql_log_bin = 0', ...(galera !== null ? ['SET SESSION wsrep_on = OFF'] : [])];
  // Rows of Aria are in its log too, 5 MB that every clone would have.
  const aria = (transactional: number) =>
    family === 'mariadb' ? [`ALTER TABLE time_zone_transition TRANSACTIONAL = ${transactional}`] : [];
  const statements = [...unlogged, 'USE mysql', ...aria(0), ...statementsOf(said), ...aria(1)];
  for (const statement of statements) await session.query(statement);
}

/** The program ends each statement with `;` at the end of a line, and none has such a line inside. */
function statementsOf(sql: string): readonly string[] {
  return sql
    .split(/;\n/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
