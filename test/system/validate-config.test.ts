import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster, Node } from '../../src/cluster/cluster.js';
import type { ServerBuild } from '../../src/cluster/server.js';
import { localMachine } from '../../src/host/local-machine.js';
import { rootMounts } from '../../src/images/root-mounts.js';
import { findImage } from '../../src/images/store.js';
import { containerArgv } from '../../src/process/container.js';
import { subjectOf } from '../../src/servers/mysqld/config.js';
import { renderConfig } from '../../src/topologies/pxc/config.js';
import { MYSQL_9_7, PULLED, PXC_8_0, PXC_8_4, nodeOf, sampleCluster } from '../fakes/cluster.js';
import { MYSQL, hasImages } from './world/cluster.js';
import { run } from './world/command.js';

const NO_IMAGE = !hasImages(MYSQL);

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'validate-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

type Changes = Partial<Cluster> & Partial<Pick<Node, 'options'>>;

/** The my.cnf of a PXC node but for what MySQL has not: Galera's lines, and those of PXC alone; nor the file of a start. */
function withoutGalera(server: ServerBuild, { options = [], ...changes }: Changes = {}): string {
  const cluster = sampleCluster(3, changes);
  const subject = subjectOf(cluster, { ...nodeOf(cluster, 2), options });
  const text = renderConfig(
    subject,
    { members: ['10.200.0.2', '10.200.0.3'], providerOptions: new Map(), sst: null, sstFile: null },
    server,
    PULLED,
  );
  return text
    .split('\n')
    .filter((line) => !/^((wsrep|pxc)_|!include)/.test(line))
    .join('\n');
}

/** What `mysqld --validate-config` says of a my.cnf. */
async function validate(text: string): Promise<{ exitCode: number; stderr: string }> {
  const file = path.join(directory, 'my.cnf');
  writeFileSync(file, text);
  const image = await findImage(localMachine, MYSQL);
  const argv = containerArgv(
    localMachine,
    {
      rootMounts: await rootMounts(localMachine, image),
      writable: [],
      files: { [file]: '/run/my.cnf' },
      hostname: 'validate',
      network: 'none',
      user: 'server',
      dieWithParent: true,
    },
    [MYSQL_9_7.programs.server ?? '', '--defaults-file=/run/my.cnf', '--validate-config'],
  );
  return run(argv, { expectExit: 'any' });
}

/** MySQL 9.7 is what can be had: what PXC 8.0 alone knows or MySQL 9 alone refuses does not show. */
describe('the my.cnf of PXC, but for wsrep_… and pxc_…, is one that MySQL 9.7 takes', () => {
  test.skipIf(NO_IMAGE).each([
    ['8.0', PXC_8_0, {}],
    ['8.4', PXC_8_4, {}],
    ['9.7', { ...PXC_8_4, version: '9.7.1' }, {}],
    [
      '8.4, durable, with a budget and options',
      PXC_8_4,
      { durable: true, memory: 1024 ** 3, options: [{ key: 'max_connections', value: '500' }] },
    ],
  ])(`of %s (needs the image ${MYSQL})`, async (_, server, changes) => {
    const { exitCode, stderr } = await validate(withoutGalera(server, changes));
    expect(stderr.split('\n').filter((line) => line.includes('[ERROR]'))).toEqual([]);
    expect(exitCode).toBe(0);
  });

  test.skipIf(NO_IMAGE)('an option that there is not is refused: the check can fail', async () => {
    const { exitCode, stderr } = await validate(`${withoutGalera(PXC_8_4)}\nno_such_option = 1\n`);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("unknown variable 'no_such_option=1'");
  });
});
