import { describe, expect, test } from 'vitest';
import type { ClusterView } from '../../src/lifecycle/view.js';
import {
  MARIADB,
  MYSQL,
  argvOf,
  createPxc,
  createReplication,
  hasImages,
  kill,
  nodeOf,
  startByHand,
  statusOf,
} from './world/cluster.js';
import { run } from './world/command.js';
import { dbns, keepMachineClean, query } from './world/machine.js';

const SPLIT = 'split brain: node1 and node2 take writes independently of each other';

keepMachineClean();

const processOf = async (cluster: string, node: string) => nodeOf(await statusOf(cluster), node).process;
const healthy = ({ nodes }: ClusterView) => nodes.map((node) => node.healthy);
const errors = ({ nodes }: ClusterView) => nodes.map(({ status }) => status.error ?? null);

/** What `status` says of a cluster that is not well, and that `--check` and the table say so too. */
async function unwell(cluster: string, line: string): Promise<ClusterView> {
  const { stdout } = await dbns(['status', cluster, '--check'], { expectExit: 7 });
  expect(stdout).toContain(line);
  const seen = await statusOf(cluster);
  expect(seen.state).toBe('degraded');
  return seen;
}

describe.each([MYSQL, MARIADB])('a star of %s', (image) => {
  const needed = { skip: !hasImages(image) };
  const isMysql = image === MYSQL;
  const readOnly = isMysql ? 'super_read_only' : 'read_only';

  test('with a replica that takes writes, and with two primaries', needed, async () => {
    const cluster = await createReplication(image, ['--nodes', '2']);
    const [first, second] = [nodeOf(cluster, 'node1'), nodeOf(cluster, 'node2')];
    await query(second.socket, `SET GLOBAL read_only = OFF`);
    const writable = await unwell(cluster.name, `node2: error: is a replica that takes writes: ${readOnly} is OFF`);
    expect(healthy(writable)).toEqual([true, false]);

    await query(second.socket, isMysql ? 'STOP REPLICA' : 'STOP SLAVE');
    await query(second.socket, isMysql ? 'RESET REPLICA ALL' : 'RESET SLAVE ALL');
    const split = await unwell(cluster.name, `node1: error: ${SPLIT}\nnode2: error: ${SPLIT}`);
    expect(healthy(split)).toEqual([false, false]);
    const { stdout, stderr } = await dbns(['uri', cluster.name]);
    expect(stdout).toContain(`@${first.address}:`);
    expect(stderr).toContain(`node1: ${SPLIT}`);

    const argv = await argvOf(first);
    kill(first);
    await expect.poll(() => processOf(cluster.name, 'node1')).toBe('dead');
    const failedOver = await dbns(['status', cluster.name]);
    expect(failedOver.stdout).toMatch(/^node1 +\S+ +\(primary\) +dead/m);
    expect(failedOver.stdout).toMatch(/^node2 +\S+ +primary +running/m);
    const { nodes } = await statusOf(cluster.name);
    expect(nodes.map(({ role, roleKnown }) => [role, roleKnown])).toEqual([
      ['primary', false],
      ['primary', true],
    ]);

    startByHand(first, argv); // the old primary comes back as it was
    await expect.poll(() => processOf(cluster.name, 'node1')).toBe('running');
    expect(errors(await unwell(cluster.name, SPLIT))).toEqual([SPLIT, SPLIT]);
  });
});

test('a pxc cluster that was cut in two, and both parts bootstrapped', async () => {
  const cluster = await createPxc(['--nodes', '2']);
  const { stdout } = await run(['ip', '-json', 'link', 'show']);
  const links = JSON.parse(stdout) as { ifname: string; ifalias?: string }[];
  const link = links.find(({ ifalias }) => ifalias?.endsWith('pxc/node2') === true)?.ifname ?? '';
  await run(['ip', 'link', 'set', link, 'down']);
  const components = async () => (await statusOf('pxc')).nodes.map(({ status }) => status.clusterStatus);
  await expect.poll(components).toEqual(['non-Primary', 'non-Primary']);
  for (const { socket } of cluster.nodes) {
    await query(socket, "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'");
  }
  await expect.poll(components).toEqual(['Primary', 'Primary']);
  await expect.poll(async () => errors(await statusOf('pxc'))).toEqual([SPLIT, SPLIT]);
  await unwell('pxc', `node1: error: ${SPLIT}`);
});
