import { describe, expect, test } from 'vitest';
import type { Session } from '../../../../src/servers/mysqld/client.js';
import { fillTimeZones, zonesArgv } from '../../../../src/servers/mysqld/time-zones.js';
import { MARIADB, MYSQL_9_7, PULLED } from '../../../fakes/cluster.js';
import { fakeMachine } from '../../../fakes/machine.js';

const PROGRAM = `${PULLED.root}/usr/bin/mariadb-tzinfo-to-sql`;
const MACHINES = '/usr/share/zoneinfo';
const IMAGES = `${PULLED.root}/usr/share/zoneinfo`;

describe('zonesArgv', () => {
  const argv = (...files: string[]) =>
    zonesArgv(fakeMachine({ files: Object.fromEntries(files.map((file) => [file, ''])) }), {
      build: MARIADB,
      image: PULLED,
      rootMounts: [],
    });
  const READER = '/usr/bin/mariadb-tzinfo-to-sql';

  test("reads the image's own zones, or else the machine's", async () => {
    const machines = await argv(PROGRAM, `${MACHINES}/UTC`);
    expect(machines?.slice(-2)).toEqual([READER, '/tmp/zoneinfo']);
    expect(machines?.[machines.indexOf('/tmp/zoneinfo') - 1]).toBe(MACHINES);
    const images = await argv(PROGRAM, `${MACHINES}/UTC`, `${IMAGES}/UTC`);
    expect(images?.slice(-2)).toEqual([READER, MACHINES]);
    expect(images).not.toContain('/tmp/zoneinfo');
  });

  test('leaves out what has all zones once more', async () => {
    expect(await argv(PROGRAM, `${MACHINES}/UTC`, `${MACHINES}/right/UTC`)).toContain('/tmp/zoneinfo/right');
    expect(await argv(PROGRAM, `${IMAGES}/UTC`, `${IMAGES}/right/UTC`)).toContain(`${MACHINES}/right`);
    expect(await argv(PROGRAM, `${MACHINES}/UTC`)).not.toContain('/tmp/zoneinfo/right');
  });

  test('is none without zones, and without the program', async () => {
    expect(await argv(PROGRAM)).toBeNull();
    expect(await argv(`${MACHINES}/UTC`)).toBeNull();
  });
});

describe('fillTimeZones', () => {
  async function told(said: string, build = MARIADB): Promise<readonly string[]> {
    const statements: string[] = [];
    const session: Session = {
      query: (sql) => {
        statements.push(sql);
        return Promise.resolve([]);
      },
      close: () => undefined,
      abort: () => undefined,
    };
    await fillTimeZones(fakeMachine({ answer: () => ({ stdout: said }) }), session, build, ['tzinfo']);
    return statements;
  }

  const SAID = 'TRUNCATE TABLE time_zone;\nINSERT INTO time_zone_transition (a) VALUES\n (1)\n,(2)\n;\nCOMMIT;\n';

  test('gives out no GTID and no write set', async () => {
    expect(await told(SAID, MYSQL_9_7)).toEqual([
      'SET SESSION sql_log_bin = 0',
      'USE mysql',
      'TRUNCATE TABLE time_zone',
      'INSERT INTO time_zone_transition (a) VALUES\n (1)\n,(2)',
      'COMMIT',
    ]);
    expect((await told(SAID)).slice(0, 2)).toEqual(['SET SESSION sql_log_bin = 0', 'SET SESSION wsrep_on = OFF']);
  });

  test('better no zones than zones without their transitions', async () => {
    expect(await told('TRUNCATE TABLE time_zone;\nCOMMIT;\n')).toEqual([]);
  });
});
