import { describe, expect, test } from 'vitest';
import { CLUSTER } from '../../../src/state/cluster-format.js';
import {
  isBroken,
  loadCluster,
  loadClusters,
  loadPassword,
  makeHome,
  readCluster,
  readClusters,
  saveNewCluster,
} from '../../../src/state/clusters.js';
import { textOf } from '../../../src/state/record.js';
import { loadRules } from '../../../src/state/rules.js';
import { loadShared } from '../../../src/state/shared.js';
import { sampleCluster, zonedCluster } from '../../fakes/cluster.js';
import { fakeMachine } from '../../fakes/machine.js';

const HOME = '/var/lib/dbns/clusters';

describe('the directory of all clusters', () => {
  test('lets ext4 lay what is in it apart, once', async () => {
    const machine = fakeMachine({ onPath: ['chattr'] });
    await makeHome(machine);
    await makeHome(machine);
    expect(machine.ran).toEqual([{ argv: ['chattr', '+T', HOME] }]);
    expect(machine.files.exists(HOME)).toBe(true);
  });

  test('is made where there is no chattr too, and where the file system does not know the attribute', async () => {
    const bare = fakeMachine();
    const refusing = fakeMachine({ onPath: ['chattr'], answer: () => ({ exitCode: 1, stderr: 'Not supported' }) });
    await makeHome(bare);
    await makeHome(refusing);
    expect(bare.ran).toEqual([]);
    expect([bare, refusing].map(({ files }) => files.exists(HOME))).toEqual([true, true]);
  });
});

describe('a new cluster', () => {
  test('is on disk, with its journal and its password, before it counts as there; then its name is', async () => {
    const machine = fakeMachine({ directories: [HOME] });
    await saveNewCluster(machine, sampleCluster(), [], 'secret');
    const renamed = machine.changes.indexOf(`rename ${HOME}/.draft-a1b2c3d4 ${HOME}/east`);
    for (const name of ['password', 'journal.json', 'cluster.json', '']) {
      const file = `${HOME}/.draft-a1b2c3d4/${name}`.replace(/\/$/, '');
      const synced = machine.changes.lastIndexOf(`sync ${file}`);
      expect(synced).toBeGreaterThan(machine.changes.lastIndexOf(`write ${file}`));
      expect(synced).toBeLessThan(renamed);
    }
    expect(machine.changes.slice(renamed + 1)).toEqual([`sync ${HOME}`]);
  });
});

describe('a cluster of an earlier version', () => {
  const { network, nodes, nextIndex, ...rest } = sampleCluster(2);
  const load = (content: object) =>
    loadCluster(fakeMachine({ files: { [`${HOME}/east/cluster.json`]: JSON.stringify(content) } }), 'east');

  test('1 has the options of all on each node, and wants them to run', async () => {
    const options = [{ key: 'max_connections', value: '7' }];
    const former = nodes.map((node) => ({ ...node, wanted: undefined, options: undefined, phase: undefined }));
    const content = {
      ...{ version: 1, ...rest, options },
      network: { ...network, internal: undefined, freed: undefined },
      nodes: former,
    };
    const now = nodes.map((node) => ({ ...node, wanted: 'running', options }));
    const made = { ...rest.made, options: { node1: options, node2: options } };
    expect(await load(content)).toEqual({ ...rest, made, network, nodes: now, nextIndex });
  });

  test('2 has the nodes that it was made with, and no others', async () => {
    const former = nodes.map((node) => ({ ...node, phase: undefined }));
    const content = { version: 2, ...rest, network: { ...network, freed: undefined }, nodes: former };
    expect(await load(content)).toEqual({ ...rest, network, nodes, nextIndex: 3 });
  });

  test('4 goes back to what it is now, and one that never came up to nothing', async () => {
    const content = { version: 4, ...sampleCluster(2), made: undefined };
    expect((await load(content)).made).toEqual({
      settings: {},
      roles: { node1: 'member', node2: 'member' },
      options: { node1: [], node2: [] },
      init: false,
    });
    expect((await load({ ...content, phase: 'creating' })).made).toBeNull();
  });

  test('5 goes back to the options that it has now', async () => {
    const sample = sampleCluster(2);
    const options = [{ key: 'max_connections', value: '7' }];
    const former = sample.nodes.map((node) => ({ ...node, options }));
    const content = { ...sample, version: 5, nodes: former, made: { settings: {}, roles: {}, init: false } };
    expect((await load(content)).made?.options).toEqual({ node1: options, node2: options });
  });

  test('4 may say nothing of what it was filled with: it was with nothing', async () => {
    const content = { version: 4, ...sampleCluster(2), init: undefined };
    expect(await load(content)).toMatchObject({ init: [] });
  });
});

test.each([{}, { ipv6: 'fddb:a1b2:c3d4::/64' }])('a cluster of version 6 is in no LAN, and keeps %j', async (had) => {
  const cluster = sampleCluster(2);
  const { lan, ipv6, ...network } = cluster.network;
  const content = JSON.stringify({ version: 6, ...cluster, network: { ...network, ...had } });
  const loaded = await loadCluster(fakeMachine({ files: { [`${HOME}/east/cluster.json`]: content } }), 'east');
  expect([lan, ipv6]).toEqual([null, null]);
  expect(loaded).toEqual({ ...cluster, network: { ...network, lan: null, ipv6: null, ...had } });
});

describe('a cluster of version 5', () => {
  const cluster = sampleCluster(2);
  const { stem, zones, ...network } = cluster.network;
  const load = (content: object) =>
    loadCluster(fakeMachine({ files: { [`${HOME}/east/cluster.json`]: JSON.stringify(content) } }), 'east');

  test('has one bridge: its network is not divided, and what it has begins with the name of that', async () => {
    const [{ gateway, bridge } = { gateway: '', bridge: '' }] = zones;
    const content = { version: 5, ...cluster, network: { ...network, gateway, bridge } };
    expect(stem).toBe(bridge);
    expect(await load(content)).toEqual(cluster);
  });

  test('whose bridge is another’s was changed', async () => {
    const content = { version: 5, ...cluster, network: { ...network, gateway: '10.200.0.1', bridge: 'dbnsbbbbb' } };
    await expect(load(content)).rejects.toThrow();
  });

  test('has links to clusters by their bridges, with which what those have begins', () => {
    const link = { cluster: 'west', subnet: '10.200.1.0/24', way: 'both', ports: [], to: null };
    const content = { version: 2, exposures: [], links: [{ ...link, bridge: 'dbnsbbbbb' }], faults: [], nextFault: 1 };
    const file = `${HOME}/east/rules/rules.json`;
    const { links } = loadRules(fakeMachine({ files: { [file]: JSON.stringify(content) } }), 'east');
    expect(links).toEqual([{ ...link, ipv6: null, stem: 'dbnsbbbbb' }]);
  });
});

describe('clusters that can not be read', () => {
  const text = textOf(CLUSTER, sampleCluster());
  const machineWith = (files: Record<string, string>) =>
    fakeMachine({ files: { [`${HOME}/east/cluster.json`]: text, ...files }, directories: [`${HOME}/bare/node1`] });

  test('are told, each for itself, and hide no other', async () => {
    const machine = machineWith({
      [`${HOME}/cut/cluster.json`]: text.slice(0, text.length - 200),
      [`${HOME}/east-copy/cluster.json`]: text,
      [`${HOME}/file`]: '',
      [`${HOME}/v.bak/cluster.json`]: '',
      [`${HOME}/.retired-deadbeef/cluster.json`]: '',
    });
    const saved = await readClusters(machine);
    expect(saved.map((each) => [each.name, isBroken(each) ? each.why : 'whole'])).toEqual([
      ['bare', `There is no ${HOME}/bare/cluster.json.`],
      ['cut', `${HOME}/cut/cluster.json is cut or garbled: it is no JSON.`],
      ['east', 'whole'],
      ['east-copy', `${HOME}/east-copy/cluster.json is that of 'east': the directory was copied or renamed.`],
      ['file', `${HOME}/file is not a directory.`],
    ]);
    expect((await loadClusters(machine)).map(({ name }) => name)).toEqual(['east']);
    await expect(loadCluster(machine, 'cut')).rejects.toThrow(/The cluster 'cut' is broken.*cut or garbled/);
  });

  test('keep the network and the images that can still be made out', async () => {
    const cut = text.slice(0, text.indexOf('"server"'));
    const saved = await readCluster(machineWith({ [`${HOME}/cut/cluster.json`]: cut }), 'cut');
    expect(saved).toMatchObject({ subnets: ['10.200.0.0/24'], images: ['mariadb:10.11'] });
  });

  test('of a renamed directory say how it was called', async () => {
    const saved = await readCluster(fakeMachine({ files: { [`${HOME}/west/cluster.json`]: text } }), 'west');
    expect(saved).toMatchObject({ advice: [`mv ${HOME}/west ${HOME}/east`, 'dbns destroy west'] });
  });

  test.each([
    ['another stem', { network: { ...sampleCluster().network, stem: 'dbns00000' } }],
    [
      'another bridge',
      {
        network: {
          ...sampleCluster().network,
          zones: zonedCluster().network.zones.map((zone) => ({ ...zone, bridge: 'br0' })),
        },
      },
    ],
    ['another link group', { network: { ...sampleCluster().network, linkGroup: 0 } }],
    ['nodes of another cluster', { nodes: sampleCluster(1, { name: 'west' }).nodes }],
  ])('name %s', async (_, changes) => {
    const changed = textOf(CLUSTER, { ...sampleCluster(), ...changes });
    const saved = await readCluster(fakeMachine({ files: { [`${HOME}/east/cluster.json`]: changed } }), 'east');
    expect(saved).toMatchObject({
      why: `${HOME}/east/cluster.json names things that are not those of 'east': it was changed.`,
    });
  });
});

test.each([
  ['is empty', { [`${HOME}/east/password`]: '' }],
  ['is not there', {}],
])('a password that %s is lost, and says so', (_, files) => {
  expect(() => loadPassword(fakeMachine({ files }), 'east')).toThrow(/password of the cluster 'east' is lost/);
});

describe('what clusters share, when its journal is damaged', () => {
  test('is what the machine still shows, and goes with the last cluster', async () => {
    const machine = fakeMachine({
      files: { '/var/lib/dbns/shared.json': '[', [`${HOME}/east/cluster.json`]: textOf(CLUSTER, sampleCluster()) },
      directories: ['/run/dbns', '/etc/netns'],
    });
    const entry = (path: string) => ({ resource: { kind: 'parent-directory', path }, users: ['a1b2c3d4'] });
    expect(await loadShared(machine)).toEqual([entry('/run/dbns'), entry('/etc/netns')]);
  });
});
