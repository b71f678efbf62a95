import { describe, expect, test } from 'vitest';
import { ConflictError, UsageError } from '../../../../src/errors/errors.js';
import { choose, positionNote, type Standing } from '../../../../src/topologies/pxc/choice.js';
import { readRecovered, readState, type NoPosition } from '../../../../src/topologies/pxc/position.js';

const UUID = '1760c370-e97b-11f1-88f3-6f146d1aca65';
const OTHER = '9f9f9f9f-e97b-11f1-88f3-6f146d1aca65';

/** node1, node2 … at these numbers of one history, all to be started. */
function at(...seqnos: readonly (number | NoPosition)[]): readonly Standing[] {
  return seqnos.map((seqno, index) => ({
    ...{ node: `node${index + 1}`, starting: true },
    position: typeof seqno === 'number' ? { uuid: UUID, seqno } : seqno,
  }));
}

const change = (standings: readonly Standing[], node: string, changes: Partial<Standing>) =>
  standings.map((one) => (one.node === node ? { ...one, ...changes } : one));
const chosen = (standings: readonly Standing[], bootstrap: string | null = null) =>
  choose('east', standings, bootstrap);

/** What is thrown. */
function failure(standings: readonly Standing[], bootstrap: string | null = null) {
  try {
    chosen(standings, bootstrap);
  } catch (error) {
    return error as ConflictError | UsageError;
  }
  throw new Error('nothing was thrown');
}

describe('who begins', () => {
  test('is the furthest, and the others follow', () => {
    expect(chosen(at(5, 9, 7))).toEqual({
      ...{ begins: 'node2', follow: ['node1', 'node3'], join: [], forget: [] },
      note: 'node2 begins: it is the furthest.',
    });
  });

  test.each([
    ['of all that are equally far the first', at(7, 7, 7), 'node1 begins: all are equally far.'],
    ['of two that are the furthest the first', at(5, 9, 9), 'node2 begins: nobody is further.'],
    ['who alone has data', at('nothing', 3, 'unknown'), 'node2 begins: it alone has data.'],
  ])('is %s', (_, standings, note) => {
    expect(chosen(standings).note).toBe(note);
  });

  test('is never one without a position: it joins', () => {
    expect(chosen(at('nothing', 4, 'unknown', 3))).toMatchObject({
      ...{ begins: 'node2', follow: ['node4'], join: ['node1', 'node3'] },
    });
  });

  test('of two that are equally far the one that is to be started', () => {
    expect(chosen(change(at(7, 7), 'node1', { starting: false }))).toMatchObject({ begins: 'node2', follow: [] });
  });

  test('is nobody while the furthest is not to be started', () => {
    const error = failure(change(at(5, 9, 7), 'node2', { starting: false }));
    expect(error).toBeInstanceOf(ConflictError);
    expect(error.message).toBe(
      `node2 is the furthest of 'east' (${UUID}:9), and is not to be started: what it alone has would be lost.`,
    );
    expect(error.suggestions).toEqual([
      ...['dbns start east node2', 'dbns start east --bootstrap node1', 'dbns start east --bootstrap node3'],
    ]);
  });

  test('is nobody where there are two histories, be one of them of a node that is not to be started', () => {
    const two = change(at(5, 9, 7), 'node3', { position: { uuid: OTHER, seqno: 99 }, starting: false });
    const error = failure(two);
    expect(error).toBeInstanceOf(ConflictError);
    expect(error.message).toContain(`of 2 histories: node1, node2 have ${UUID}; node3 has ${OTHER}.`);
    expect(error.suggestions).toContain('dbns start east --bootstrap node1');
  });

  test('is nobody where nobody knows a position', () => {
    expect(failure(at('nothing', 'unknown'))).toBeInstanceOf(ConflictError);
  });
});

describe("by the user's word", () => {
  test('one begins, and what is further or of another history forgets its position', () => {
    const standings = change(at(5, 9, 3, 5, 'nothing'), 'node4', { position: { uuid: OTHER, seqno: 2 } });
    expect(chosen(standings, 'node1')).toEqual({
      ...{ begins: 'node1', follow: ['node3'], join: ['node5'], forget: ['node2', 'node4'] },
      note: 'node1 begins, by your word: its data count.',
    });
  });

  test.each([
    ['has nothing', at(5, 'nothing'), 'its directory has no data of a cluster'],
    ['has an unknown position', at(5, 'unknown'), 'its position is not known'],
    ['is not to be started', change(at(5, 5), 'node2', { starting: false }), 'not among the nodes to start'],
  ])('none begins that %s', (_, standings, words) => {
    const error = failure(standings, 'node2');
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain(words);
  });
});

describe('a position', () => {
  const state = (uuid: string, seqno: number, safe = 0) =>
    `# GALERA saved state\nversion: 2.1\nuuid:    ${uuid}\nseqno:   ${seqno}\nsafe_to_bootstrap: ${safe}\n`;

  test('is in grastate.dat after an orderly end', () => {
    expect(readState(state(UUID, 17))).toEqual({ uuid: UUID, seqno: 17 });
    expect(readState(state(UUID, -1))).toBe('unknown');
    expect(readState('')).toBe('unknown');
  });

  test('is none of a null UUID, safe to bootstrap or not', () => {
    expect(readState(state('00000000-0000-0000-0000-000000000000', -1, 1))).toBe('nothing');
  });

  test('is what the server finds', () => {
    const written = `2026-11-26  9:31:00 0 [Note] WSREP: Recovered position: ${UUID}:41,0-1-5\n`;
    expect(readRecovered(written)).toEqual({ uuid: UUID, seqno: 41 });
    expect(readRecovered('WSREP: Recovered position: 00000000-0000-0000-0000-000000000000:-1')).toBe('unknown');
    expect(readRecovered('[ERROR] Aborting')).toBe('unknown');
  });

  test('is told in a sentence', () => {
    expect(at(3, 'nothing', 'unknown').map(positionNote)).toEqual([
      `node1 is at ${UUID}:3.`,
      'node2 has no data of a cluster: it takes all over from another.',
      'node3 does not know its position: it takes all data over from another.',
    ]);
  });
});
