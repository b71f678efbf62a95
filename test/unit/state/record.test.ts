import { describe, expect, test } from 'vitest';
import * as v from 'valibot';
import { readRecord, textOf, writeRecord, type Format } from '../../../src/state/record.js';
import { fakeMachine } from '../../fakes/machine.js';

const FILE = '/var/lib/dbns/thing.json';
const THING: Format<{ readonly words: readonly string[] }> = {
  version: 2,
  schema: v.object({ words: v.array(v.string()) }),
  upgrades: {
    0: (word) => ({ word }),
    1: (content) => ({ words: [(content as { word: string }).word] }),
  },
};
const readText = (text: string) => readRecord(fakeMachine({ files: { [FILE]: text } }), FILE, THING);

describe('a state file', () => {
  test('is read as it was written', () => {
    expect(readText(textOf(THING, { words: ['a'] }))).toEqual({ kind: 'whole', content: { words: ['a'] } });
  });

  test('of each earlier version becomes one of this, step by step', () => {
    expect(readText('{"version":1,"word":"a"}')).toEqual({ kind: 'whole', content: { words: ['a'] } });
    expect(readText('"a"')).toEqual({ kind: 'whole', content: { words: ['a'] } });
  });

  test('that is not there is absent', () => {
    expect(readRecord(fakeMachine(), FILE, THING)).toEqual({ kind: 'absent' });
  });

  test.each([
    ['empty', '', `${FILE} is empty.`],
    ['of nothing but spaces, as zeroes are not', ' \n', `${FILE} is empty.`],
    ['full of zeroes', '\0\0\0', `${FILE} is cut or garbled: it is no JSON.`],
    ['cut', '{"version":2,"wor', `${FILE} is cut or garbled: it is no JSON.`],
    ['of other types', '{"version":2,"words":[7]}', `${FILE} is damaged: words.0: `],
    ['null', 'null', `${FILE} is damaged: `],
    ['a list', '[]', `${FILE} is damaged: `],
    ['newer', '{"version":3}', `${FILE} is of a newer dbns: its version is 3, and this dbns knows 2.`],
    ['of a version that never was', '{"version":-1,"words":[]}', `${FILE} is damaged: `],
  ])('that is %s is damaged, and says so', (_, text, why) => {
    const found = readText(text);
    expect(found).toMatchObject({ kind: 'damaged', text });
    expect(found.kind === 'damaged' && found.why.slice(0, why.length)).toBe(why);
  });

  test('that is a directory is damaged', () => {
    const machine = fakeMachine({ directories: [`${FILE}/x`] });
    expect(readRecord(machine, FILE, THING).kind).toBe('damaged');
  });

  test('takes the place of a directory', async () => {
    const machine = fakeMachine({ directories: [`${FILE}/x`] });
    await writeRecord(machine, FILE, THING, { words: [] });
    expect(readRecord(machine, FILE, THING).kind).toBe('whole');
  });
});
