import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPxc, createReplication, hasImages, MYSQL, statusOf } from './world/cluster.js';
import { run } from './world/command.js';
import { dbns, expectSameMachine, inNode, query, snapshot, socketOf } from './world/machine.js';
import { nodePlace } from './world/places.js';
import { answerAt, askFrom, knockFrom } from './world/traffic.js';

// Two clusters of Galera, one of them without a way out, and what passes between them: asked of the kernel by packets.

const PORT = 8080;
const NO_ANSWER = 400; // ms after which none will come

const east1 = nodePlace('east', 'node1');
const west1 = nodePlace('west', 'node1');
const EAST1 = '10.200.0.2';
const [WEST1, WEST2] = ['10.200.1.2', '10.200.1.3'];

let before = '';

beforeAll(async () => {
  before = await snapshot();
  await createPxc(['east', '--nodes', '1', '--internal']);
  await createPxc(['west', '--nodes', '2']);
});

afterAll(async () => {
  await dbns(['destroy', '--all', '--yes']);
  expectSameMachine(before, await snapshot());
});

const linked = async (words: readonly string[], act: () => Promise<void>) => {
  await dbns(['link', 'east', 'west', ...words]);
  try {
    await act();
  } finally {
    await dbns(['unlink', 'west', 'east']);
  }
};

const knocks = (from: readonly string[], to: string, port: number) => knockFrom(from, to, port, NO_ANSWER);

async function assertApart(): Promise<void> {
  for (const port of [3306, 4567]) {
    expect(await knocks(west1, EAST1, port)).toBe('no answer');
    // Who has no default route says so at once.
    expect(['no answer', 'ENETUNREACH']).toContain(await knocks(east1, WEST1, port));
  }
}

const namesOf = (cluster: string) => readFileSync(`/etc/netns/dbns-${cluster}-node1/hosts`, 'utf8');

describe('a link', () => {
  test('is the only way from cluster to cluster, for both, and not to where servers meet', async () => {
    await assertApart();
    await linked([], async () => {
      const server = await answerAt(east1, PORT);
      expect(await askFrom(west1, EAST1, PORT)).toBe(WEST1);
      await server.stop();
      expect(await knocks(east1, WEST2, 3306)).toBe('open');
      for (const port of [4444, 4567, 4568]) {
        expect(await knocks(west1, EAST1, port)).toBe('no answer');
        expect(await knocks(east1, WEST1, port)).toBe('no answer');
      }
      expect(await knocks(west1, WEST2, 4567)).toBe('open');
      expect(await knocks(east1, '10.200.1.1', PORT)).not.toBe('open');
    });
    await assertApart();
  });

  test('goes one way, to the nodes and ports that it names', async () => {
    await linked(['--one-way', '--to', 'node1', '--port', 'client', '--port', '4567'], async () => {
      expect(await knocks(east1, WEST1, 3306)).toBe('open');
      expect(await knocks(east1, WEST1, 4567)).toBe('open');
      expect(await knocks(east1, WEST1, 4568)).toBe('no answer');
      expect(await knocks(east1, WEST2, 3306)).toBe('no answer');
      expect(await knocks(west1, EAST1, 3306)).toBe('no answer');
      const { links } = await statusOf('east');
      expect(links).toEqual([{ cluster: 'west', subnet: '10.200.1.0/24', way: 'out', ports: [], to: null }]);
      expect((await statusOf('west')).links).toMatchObject([
        { cluster: 'east', way: 'in', ports: [3306, 4567], to: ['node1'] },
      ]);
      expect((await dbns(['status', 'west'])).stdout).toContain('hosts of east reach node1 here at 3306, 4567');
      expect((await dbns(['network', 'west'])).stdout).toContain(
        'Hosts of east reach node1 here, at the ports 3306, 4567.',
      );
    });
  });

  test('tells both the names of the other, also of who comes and goes', async () => {
    await linked([], async () => {
      expect(namesOf('east')).toContain(`${WEST2} node2.west\n`);
      expect(namesOf('west')).toContain(`${EAST1} node1.east\n`);
      const { stdout } = await inNode('east', 'node1', ['getent', 'ahosts', 'node2.west']);
      expect(stdout).toContain(WEST2);
      await dbns(['attach', 'west', 'app', '--', 'sleep', '1000']);
      expect(namesOf('east')).toContain('10.200.1.4 app.west\n');
      expect(await knocks(nodePlace('west', 'app'), EAST1, 3306)).toBe('open');
      await dbns(['detach', 'west', 'app']);
      expect(namesOf('east')).not.toContain('app.west');
    });
    expect(namesOf('east')).not.toContain('west');
    expect(namesOf('west')).not.toContain('east');
    expect((await inNode('east', 'node1', ['ip', 'route', 'show', 'proto', '219'])).stdout).toBe('');
  });

  test('is refused in sentences, and nothing is changed', async () => {
    const refused = async (words: readonly string[], exit: number, told: string) => {
      const { stderr } = await dbns(words, { expectExit: exit });
      expect(stderr).toContain(told);
    };
    await refused(['link', 'east', 'east'], 2, 'name two clusters');
    await refused(['link', 'east', 'north'], 4, "no cluster 'north'");
    await refused(['link', 'east', 'west', '--to', 'node9'], 4, "no node 'node9'");
    await refused(['link', 'east', 'west', '--port', '70000'], 2, 'ports are 1 to 65535');
    await refused(['link', 'east', 'west', '--port', 'group'], 2, "no port 'group'");
    await refused(['link', 'east', 'west', '--to', 'node1,,'], 2, 'with a comma between');
    await refused(['unlink', 'east', 'west'], 4, 'not linked');
    await linked([], async () => {
      await refused(['link', 'west', 'east'], 5, 'linked already');
    });
    await assertApart();
  });

  test('stays where the other is started anew, and goes with it', async () => {
    await dbns(['link', 'east', 'west']);
    await run([
      'bash',
      '-c',
      'for n in $(ip netns list | grep -o "dbns-west[^ ]*"); do ip netns pids $n | xargs -r kill -9; ip netns delete $n; done; ip link delete $(ip -br link show type bridge | grep -o "^dbns[0-9a-f]*" | while read b; do ip -br addr show $b | grep -q 10.200.1.1 && echo $b; done)',
    ]);
    await dbns(['start', 'west']);
    expect(await knocks(east1, WEST1, 3306)).toBe('open');
    await dbns(['link', 'west', 'east'], { expectExit: 5 });
    await dbns(['destroy', 'east']);
    expect((await statusOf('west')).links).toEqual([]);
    expect((await run(['nft', 'list', 'ruleset'])).stdout).not.toMatch(/Hosts of east/);
    expect(namesOf('west')).not.toContain('east');
    await createPxc(['east', '--nodes', '1', '--internal']);
    await assertApart();
  });

  test('of a cluster that is broken, or that was killed half way, goes at the next look', async () => {
    await dbns(['link', 'east', 'west']);
    await run(['truncate', '--size', '0', '/var/lib/dbns/clusters/east/cluster.json']);
    await dbns(['destroy', 'east', '--yes']);
    expect((await statusOf('west')).links).toEqual([]);
    await createPxc(['east', '--nodes', '1', '--internal']);
    await dbns(['link', 'east', 'west']);
    // As a kill between both sides leaves it.
    await run(['rm', '/var/lib/dbns/clusters/west/rules/rules.json']);
    expect((await statusOf('east')).links).toEqual([]);
    await dbns(['link', 'east', 'west']);
    await dbns(['unlink', 'east', 'west']);
    await assertApart();
  });
});

describe.skipIf(!hasImages(MYSQL))('replication', () => {
  test('goes from cluster to cluster over a link', async () => {
    await createReplication(MYSQL, ['source', '--nodes', '1']);
    await createReplication(MYSQL, ['sink', '--nodes', '1', '--internal']);
    await dbns(['link', 'sink', 'source', '--one-way', '--port', 'client']);
    const password = readFileSync('/var/lib/dbns/clusters/source/password', 'utf8').trim();
    const at = (cluster: string) => socketOf(cluster, 'node1');
    // Servers have the numbers of their nodes, and a replica takes nothing from one of its own number.
    await query(at('sink'), 'SET PERSIST server_id = 101');
    await query(
      at('sink'),
      `CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'node1.source', SOURCE_USER = 'dbns',
      SOURCE_PASSWORD = '${password}', SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1 FOR CHANNEL 'source'`,
    );
    await query(at('sink'), "START REPLICA FOR CHANNEL 'source'");
    await query(at('source'), 'CREATE DATABASE shop');
    await query(at('source'), 'CREATE TABLE shop.t (id INT PRIMARY KEY)');
    await query(at('source'), 'INSERT INTO shop.t VALUES (42)');
    const rows = () => query(at('sink'), 'SELECT id FROM shop.t').catch((error: unknown) => String(error));
    await expect.poll(rows, { timeout: 60_000 }).toEqual([{ id: 42 }]);
    await dbns(['destroy', 'sink']);
    await dbns(['destroy', 'source']);
  });
});
