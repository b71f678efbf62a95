import { describe, expect, test } from 'vitest';
import { removeLinks, removeNamespaces, removeRules, removeTable } from '../../../src/network/remove.js';
import { fakeMachine } from '../../fakes/machine.js';

const GONE = { exitCode: 1, stderr: 'Error: No such file or directory\n' };

describe('removeLinks', () => {
  test('is done when no link of the group is left', async () => {
    const machine = fakeMachine({ answer: () => ({ stdout: '[{},{}]' }) });
    await removeLinks(machine, { kind: 'links', group: 7 });
    expect(machine.ran).toEqual([
      { argv: ['ip', '-force', '-json', '-batch', '-'], input: 'link delete group 7\nlink show group 7\n' },
    ]);
  });

  test('says which are', async () => {
    const machine = fakeMachine({ answer: () => ({ stdout: '[{"ifname":"dbnsa1b2c"}]' }) });
    await expect(removeLinks(machine, { kind: 'links', group: 7 })).rejects.toThrow('still there: dbnsa1b2c');
  });
});

describe('removeNamespaces', () => {
  test('takes those that are there, in one go', async () => {
    const machine = fakeMachine({ files: { '/run/netns/a': '', '/run/netns/b': '' } });
    await removeNamespaces(machine, ['a', 'b', 'gone']);
    expect(machine.ran).toEqual([{ argv: ['ip', '-force', '-batch', '-'], input: 'netns delete a\nnetns delete b\n' }]);
    expect([...machine.tree.keys()].filter((path) => path.startsWith('/run/netns/'))).toEqual([]);
  });

  test('asks nobody when there is none', async () => {
    const machine = fakeMachine();
    await removeNamespaces(machine, ['gone']);
    expect(machine.ran).toEqual([]);
  });
});

describe('removeTable', () => {
  const table = { kind: 'nft-table', family: 'inet', name: 'dbns-east' } as const;
  const listing = (mark: string) => ({ stdout: `table inet dbns-east {\n\tcomment "${mark}"\n}\n` });

  test('removes it with our mark', async () => {
    const machine = fakeMachine({ answer: () => listing('dbns:a1b2c3d4') });
    await removeTable(machine, table, 'a1b2c3d4');
    expect(machine.ran.at(-1)?.argv).toEqual(['nft', 'delete', 'table', 'inet', 'dbns-east']);
  });

  test("leaves another's", async () => {
    const machine = fakeMachine({ answer: () => listing('dbns:a1b2c3d40') });
    await expect(removeTable(machine, table, 'a1b2c3d4')).rejects.toThrow('not ours');
    expect(machine.ran).toHaveLength(1);
  });

  test('absent means done; another failure does not', async () => {
    await removeTable(fakeMachine({ answer: () => GONE }), table, 'a1b2c3d4');
    const forbidden = { exitCode: 1, stderr: 'Error: Operation not permitted\n' };
    await expect(removeTable(fakeMachine({ answer: () => forbidden }), table, 'a1b2c3d4')).rejects.toThrow(
      'Operation not permitted',
    );
  });
});

describe('removeRules', () => {
  const rules = { kind: 'nft-rules', family: 'ip', table: 'filter', chain: 'DOCKER-USER' } as const;
  const row = (handle: number, comment?: string) => ({ rule: { handle, expr: [], ...(comment && { comment }) } });

  test('removes ours by their handles, and no other', async () => {
    const rows = [{ metainfo: {} }, row(4, 'dbns:a1b2c3d4'), row(5, 'dbns:ffffffff'), row(6), row(7, 'dbns:a1b2c3d4')];
    const machine = fakeMachine({ answer: () => ({ stdout: JSON.stringify({ nftables: rows }) }) });
    await removeRules(machine, rules, 'a1b2c3d4');
    expect(machine.ran.at(-1)?.input).toBe(
      'delete rule ip filter DOCKER-USER handle 4\ndelete rule ip filter DOCKER-USER handle 7\n',
    );
  });

  test('a chain that is gone took them along', async () => {
    const machine = fakeMachine({ answer: () => GONE });
    await removeRules(machine, rules, 'a1b2c3d4');
    expect(machine.ran).toHaveLength(1);
  });
});
