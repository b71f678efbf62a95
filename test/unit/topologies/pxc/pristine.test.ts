import { describe, expect, test } from 'vitest';
import { stepsOf } from '../../../../src/cluster/plan.js';
import { UsageError } from '../../../../src/errors/errors.js';
import type { ServerBuild } from '../../../../src/cluster/server.js';
import { pristine } from '../../../../src/topologies/pxc/pristine.js';
import { MARIADB, MARIADB_11_8, PULLED, PXC_8_0, nodeServer } from '../../../fakes/cluster.js';
import { fakeMachine } from '../../../fakes/machine.js';

const DIRECTORY = '/var/lib/dbns/pristine/.draft-p1';
const recipe = (server: ServerBuild, options = {}) =>
  pristine(fakeMachine(), { ...options }, nodeServer(server, PULLED));
const steps = (server: ServerBuild) => stepsOf(recipe(server).plan(DIRECTORY));

/** The words after the container's, of the step of that name. */
function command(server: ServerBuild, name: string): readonly string[] {
  const act = steps(server).find(({ step }) => step === name)?.acts[0];
  if (act?.do !== 'run' && act?.do !== 'spawn') throw new Error(`no command in ${name}`);
  expect(act.argv).toContain('--unshare-net');
  expect(act.argv).toContain('--die-with-parent');
  return act.argv.slice(act.argv.indexOf('--bounding-set') + 3);
}

describe('the plan of a pristine directory', () => {
  test('initialises, starts once alone, sets up accounts, strips', () => {
    expect(steps(MARIADB).map(({ step }) => step)).toEqual([
      'lay out the pristine directory',
      'initialise the data directory',
      'start the server once, alone',
      'set up accounts and time zones, and shut down',
      'strip what must not be cloned',
    ]);
    expect(steps(MARIADB_11_8).map(({ step }) => step)).toContain('make a certificate');
  });

  test('MariaDB is initialised by its script', () => {
    expect(command(MARIADB, 'initialise the data directory')).toEqual([
      '/usr/bin/mariadb-install-db',
      `--defaults-file=${DIRECTORY}/my.cnf`,
      '--skip-test-db',
      '--auth-root-authentication-method=socket',
      '--auth-root-socket-user=root',
    ]);
  });

  test('an installer is told of the tree that it belongs to', () => {
    const image = { ...PULLED, kind: 'directory', extraBinds: ['/opt/mariadb'] } as const;
    const { plan } = pristine(fakeMachine(), {}, nodeServer(MARIADB, image));
    const [, initialise] = stepsOf(plan(DIRECTORY));
    expect(initialise?.acts[0]).toMatchObject({ argv: expect.arrayContaining(['--basedir=/opt/mariadb']) as unknown });
  });

  test('is refused where nothing in the image can initialise a data directory', () => {
    const programs = Object.fromEntries(Object.entries(MARIADB.programs).filter(([role]) => role !== 'install'));
    expect(() => steps({ ...MARIADB, programs })).toThrow(/^The image .* has no program that initialises/);
  });

  test('PXC is initialised by its server', () => {
    expect(command(PXC_8_0, 'initialise the data directory')).toEqual([
      '/usr/sbin/mysqld',
      `--defaults-file=${DIRECTORY}/my.cnf`,
      '--initialize-insecure',
    ]);
  });

  test('the one start is a cluster of one, and PXC does not wait for proxies at its end', () => {
    const start = 'start the server once, alone';
    expect(command(MARIADB, start).slice(1)).toEqual([`--defaults-file=${DIRECTORY}/my.cnf`, '--wsrep-new-cluster']);
    expect(command(PXC_8_0, start)).toEqual([
      '/usr/sbin/mysqld',
      `--defaults-file=${DIRECTORY}/my.cnf`,
      '--pxc-maint-transition-period=0',
      '--wsrep-new-cluster',
    ]);
  });

  test('what would make clones the same server, or is of no use to them, is stripped', () => {
    expect(steps(MARIADB).at(-1)?.acts).toEqual(
      [
        ...['auto.cnf', 'ib_buffer_pool', '#ib_16384_0.dblwr', '#ib_16384_1.dblwr'],
        ...['galera.cache', 'gvwstate.dat'],
      ].map((name) => ({ do: 'remove', path: `${DIRECTORY}/data/${name}` })),
    );
  });
});

describe('the key', () => {
  const key = (server: ServerBuild, options = {}) => recipe(server, options).key;

  test('is the same for the same image and options, whatever the sizes', () => {
    expect(key(MARIADB, { memory: 2 ** 30, nodes: 7, durable: true })).toBe(key(MARIADB));
  });

  test("is another for another server, and for a server's options", () => {
    expect(key(MARIADB_11_8)).not.toBe(key(MARIADB));
    expect(key(MARIADB, { options: [{ key: 'lower_case_table_names', value: '1' }] })).not.toBe(key(MARIADB));
  });
});

test('an option that the server does not know is told as such', () => {
  const error = recipe(MARIADB).log.explain("mariadbd: unknown variable 'no_such=1'");
  expect(error).toBeInstanceOf(UsageError);
  expect(error?.message).toBe("The server does not know the option 'no_such'.");
  expect(recipe(MARIADB).log.explain('Aborting')).toBeNull();
});
