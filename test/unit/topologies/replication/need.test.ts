import { describe, expect, test } from 'vitest';
import { needOf } from '../../../../src/topologies/replication/need.js';
import { sourcesOf, type Shape } from '../../../../src/topologies/replication/shapes.js';
import type { ChannelState, NodeState } from '../../../../src/topologies/replication/state.js';
import { wordsOf, type Words } from '../../../../src/topologies/replication/words.js';

const MARIADB = wordsOf({ dialect: 'mariadb', version: '10.11.19' });
const MYSQL = wordsOf({ dialect: 'mysql', version: '9.7.4' });
const SOURCE = '10.200.0.3';

const settings = (shape: Shape, gtid = true) => ({
  ...{ shape, gtid, semiSync: false, workers: null, delays: {}, filters: {}, orphans: [] },
  sources: sourcesOf(shape, ['node1', 'node2', 'node3']) as Record<string, string[]>,
});
const channel = (address: string, receiver = 'Yes'): ChannelState => ({
  ...{ channel: '', address, receiver, applier: 'Yes', error: null, secondsBehind: 0, delay: 0, received: '' },
  ...{ readTo: { file: 'b.1', position: 9 }, appliedTo: { file: 'b.1', position: 9 } },
});
const replica = (
  executed: string,
  channels: readonly ChannelState[] = [],
  words: Words | null = MARIADB,
): NodeState => {
  if (words === null) throw new Error('no words');
  return { words, executed, passedOn: executed, maker: '9', readOnly: true, channels, semiSync: null };
};
interface Case {
  readonly started?: boolean;
  readonly shape?: Shape;
  readonly gtid?: boolean;
}
const need = (state: NodeState, executed: string, { started = true, shape = 'star', gtid = true }: Case = {}) =>
  needOf({ replica: state, source: { address: SOURCE, executed }, started }, settings(shape, gtid));

describe('needOf', () => {
  test('nothing, for a replica that found its source by itself', () => {
    expect(need(replica('0-1-9', [channel(SOURCE)]), '0-1-9')).toEqual({ do: 'nothing' });
  });

  test.each(['Connecting', 'No'])('to connect, for one that started before its source: %s', (receiver) => {
    const own = channel(SOURCE, receiver);
    expect(need(replica('0-1-9', [own]), '0-1-9')).toEqual({ do: 'connect', channel: own });
  });

  test('to connect, for one that lived on: it may not have heard that its source was away', () => {
    const own = channel(SOURCE);
    expect(need(replica('0-1-9', [own]), '0-1-9', { started: false })).toEqual({ do: 'connect', channel: own });
  });

  test('to follow, for a former primary and for a replica of it, when the new one has all that they have', () => {
    expect(need(replica('0-1-9'), '0-1-9,0-2-12')).toEqual({ do: 'follow' });
    expect(need(replica('0-1-9', [channel('10.200.0.2')]), '0-1-9,0-2-12')).toEqual({ do: 'follow' });
    expect(need(replica('a:1-5', [], MYSQL), 'a:1-5,b:1')).toEqual({ do: 'follow' });
  });

  test('to part, when it has what the new one never had: which', () => {
    expect(need(replica('0-1-11'), '0-1-9,0-2-12')).toEqual({ do: 'part', own: '0-1-11' });
    expect(need(replica('a:1-7', [], MYSQL), 'a:1-5,b:1')).toEqual({ do: 'part', own: 'a:6-7' });
  });

  test('nothing, where nobody promotes or nobody could tell where to go on', () => {
    expect(need(replica('0-1-9'), '0-1-9', { shape: 'fan-in' })).toEqual({ do: 'nothing' });
    expect(need(replica('0-1-9'), '0-1-9', { gtid: false })).toEqual({ do: 'nothing' });
    expect(need(replica('0-1-9'), '0-1-9', { started: false })).toEqual({ do: 'nothing' });
  });
});
