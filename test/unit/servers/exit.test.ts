import { describe, expect, test } from 'vitest';
import { exitOf } from '../../../src/servers/exit.js';
import { fakeMachine } from '../../fakes/machine.js';

const DIRECTORY = '/var/lib/dbns/clusters/east/node1';
const exit = (note: string) =>
  exitOf(fakeMachine({ files: { '/proc/stat': 'cpu 1\nbtime 1700000000\n', [`${DIRECTORY}/end`]: note } }), {
    directory: DIRECTORY,
  });

describe('exitOf', () => {
  test.each([
    ['0 1700000009\n', 0, null],
    ['1 1700000009\n', 1, null],
    ['128 1700000009\n', 128, null],
    ['134 1700000009\n', null, 'SIGABRT'],
    ['137 1700000009\n', null, 'SIGKILL'],
    ['143 1700000009\n', null, 'SIGTERM'],
    ['255 1700000009\n', 255, null],
  ])('%j', (note, code, signal) => {
    expect(exit(note)).toEqual({ code, signal, at: '2023-11-14T22:13:29Z' });
  });

  test.each([
    ['it is empty, for it runs, or ended with what notes it', ''],
    ['it is older than the boot', '0 1699999999\n'],
    ['it is damaged', '\0\0\0\0'],
  ])('is null where %s', (_, note) => {
    expect(exit(note)).toBeNull();
  });

  test('is null where there is no note, and where it can not be read', () => {
    expect(exitOf(fakeMachine(), { directory: DIRECTORY })).toBeNull();
    expect(exitOf(fakeMachine({ directories: [`${DIRECTORY}/end`] }), { directory: DIRECTORY })).toBeNull();
  });
});
