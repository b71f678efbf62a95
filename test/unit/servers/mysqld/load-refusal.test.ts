import { describe, expect, test } from 'vitest';
import { MEANINGS, readRefusal } from '../../../../src/servers/mysqld/load-refusal.js';
import { meaningOf } from '../../../../src/servers/refusal.js';
import { data as group } from '../../../../src/topologies/group/data.js';
import { data as pxc } from '../../../../src/topologies/pxc/data.js';

describe('readRefusal', () => {
  test('finds line, number and words, also where the words have several lines', () => {
    expect(readRefusal("ERROR 1064 (42000) at line 3: You have an error near 'a\nb' at line 2\n")).toEqual({
      ...{ line: 3, number: 1064, isLost: false },
      words: "You have an error near 'a\nb' at line 2",
    });
    expect(readRefusal("mysql: [Warning] x\nERROR 1049 (42000): Unknown database 'x'\n")).toMatchObject({
      ...{ line: null, number: 1049, words: "Unknown database 'x'" },
    });
  });

  test('knows what the client says of its own words', () => {
    expect(readRefusal("ERROR at line 5: Unknown command '\\-'.")).toMatchObject({ line: 5, number: null });
  });

  test.each([2006, 2013, 1053])('knows that a connection was lost: %i', (number) => {
    expect(readRefusal(`ERROR ${number} (HY000) at line 2: gone`).isLost).toBe(true);
  });

  test('of myloader takes the first that failed', () => {
    const said = [1, 2].map((n) => `** (myloader:9): CRITICAL **: 22:32:25.229: Error restoring t${n}`).join('\n\n');
    expect(readRefusal(said)).toEqual({ line: null, number: null, isLost: false, words: 'Error restoring t1' });
  });
});

describe('what a refusal means', () => {
  const meaning = (said: string, meanings = MEANINGS) => meaningOf(readRefusal(said), meanings)?.says ?? null;

  test('is said where the words of the server do not say it', () => {
    expect(meaning('ERROR 2006 (HY000) at line 2: Server has gone away')).toContain('max_allowed_packet');
    expect(meaning("ERROR 1146 (42S02) at line 1: Table 'a.b' doesn't exist")).toBeNull();
  });

  test('in a group is its limit, and what it wants of tables', () => {
    const limit = "ERROR 3100 (HY000) at line 2: Error on observer while running replication hook 'before_commit'.";
    expect(meaning(limit, group.meanings)).toContain('group_replication_transaction_size_limit');
    const table = 'The table does not comply with the requirements by an external plugin.';
    expect(meaning(`ERROR 3098 (HY000) at line 3: ${table}`, group.meanings)).toContain('primary key');
    expect(meaning(`CRITICAL **: 1:2:3: Error restoring t: ${table}`, group.meanings)).toContain('primary key');
  });

  test('in Galera is its limit, and not any error that has no number of its own', () => {
    expect(meaning('ERROR 1105 (HY000) at line 2: Maximum writeset size exceeded', pxc.meanings)).toContain(
      'wsrep_max_ws_size',
    );
    expect(meaning('ERROR 1105 (HY000) at line 2: Unknown error', pxc.meanings)).toBeNull();
  });
});
