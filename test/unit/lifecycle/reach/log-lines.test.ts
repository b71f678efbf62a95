import { appendFileSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { localFiles } from '../../../../src/host/files.js';
import { lastOf, mergeByTime, openLog, type LogLine } from '../../../../src/lifecycle/reach/log-lines.js';
import { mongodLog } from '../../../../src/servers/mongod/log.js';
import { mysqldLog } from '../../../../src/servers/mysqld/log.js';
import { fakeMachine } from '../../../fakes/machine.js';

const directory = mkdtempSync(path.join(os.tmpdir(), 'dbns-logs-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** The machine's files are real; what a `tail` would say is read out of them. */
const machine = {
  ...fakeMachine({ answer: (argv) => ({ stdout: readFileSync(argv.at(-1) ?? '', 'utf8') }) }),
  files: localFiles,
};

interface Written {
  readonly lines: readonly string[];
  readonly at?: string;
  readonly form?: typeof mysqldLog;
  readonly follow?: boolean;
}

function open(name: string, { lines, at = '2026-11-26T05:00:00Z', form = mysqldLog, follow = false }: Written) {
  const log = path.join(directory, `${name}.log`);
  writeFileSync(log, lines.join('\n'));
  utimesSync(log, new Date(at), new Date(at));
  return openLog(machine, { name, log }, form, { follow });
}

async function merged(...logs: readonly Promise<Awaited<ReturnType<typeof open>>>[]): Promise<LogLine[]> {
  const pasts = (await Promise.all(logs)).map(({ past }) => past());
  const found: LogLine[] = [];
  for await (const line of mergeByTime(pasts)) found.push(line);
  return found;
}

const texts = (lines: readonly LogLine[]) => lines.map(({ name, line }) => `${name} ${line}`);

test('MariaDB to the second and MySQL to the microsecond are merged by time; a line without one stays with the one before', async () => {
  const found = await merged(
    open('a', {
      lines: ['2026-11-26  4:59:58 0 [Note] one', 'view((empty))', '2026-11-26  5:00:00 0 [Note] four', ''],
    }),
    open('b', {
      lines: ['2026-11-26T04:59:58.100000Z 0 [Note] two', '2026-11-26T04:59:59.000000Z 0 [Note] three', '', 'more'],
    }),
  );
  expect(texts(found)).toEqual([
    'a 2026-11-26  4:59:58 0 [Note] one',
    'a view((empty))',
    'b 2026-11-26T04:59:58.100000Z 0 [Note] two',
    'b 2026-11-26T04:59:59.000000Z 0 [Note] three',
    'b ',
    'b more',
    'a 2026-11-26  5:00:00 0 [Note] four',
  ]);
});

test("a server's own time zone is told by the age of the file", async () => {
  const [line] = await merged(
    open('a', { lines: ['2026-11-26  7:00:00 0 [Note] in Riga', ''], at: '2026-11-26T05:00:03Z' }),
  );
  expect(line?.time).toBe(Date.parse('2026-11-26T05:00:00Z'));
});

test('mongod: JSON, and the words before 4.4', async () => {
  const json = '{"t":{"$date":"2026-11-26T05:38:46.000+01:00"},"s":"I","msg":"new"}';
  const words = '2026-11-26T04:38:45.500+0000 I  CONTROL  [main] old';
  const found = await merged(
    open('a', { lines: [json, ''], form: mongodLog }),
    open('b', { lines: [words, ''], form: mongodLog }),
  );
  expect(texts(found)).toEqual([`b ${words}`, `a ${json}`]);
  expect(found[1]?.time).toBe(Date.parse('2026-11-26T04:38:46Z'));
});

test('a log without times counts as written when it was written to last; before the first time nothing is known', async () => {
  const [only] = await merged(open('a', { lines: ['no time', ''] }));
  expect(only?.time).toBe(Date.parse('2026-11-26T05:00:00Z'));
  const [first] = await merged(open('b', { lines: ['no time', '2026-11-26  5:00:00 0 [Note] x', ''] }));
  expect(first?.time).toBeNull();
});

test('where it is followed, a line that is yet to be finished is left to that', async () => {
  const log = await open('a', { lines: ['no time', 'half a l'], follow: true });
  const lines = [];
  for await (const { line } of log.past()) lines.push(line);
  expect(lines).toEqual(['no time']);
  const argvs: (readonly string[])[] = [];
  const attach = (argv: readonly string[]) => {
    argvs.push(argv);
    return Promise.resolve(0);
  };
  const again = await openLog({ ...machine, attach }, { name: 'a', log: path.join(directory, 'a.log') }, mysqldLog, {
    follow: true,
  });
  appendFileSync(path.join(directory, 'a.log'), 'ine\nmore');
  for await (const { line } of again.past()) lines.push(line);
  expect(lines).toEqual(['no time', 'no time', 'half a line']);
  await again.follow(() => undefined);
  expect(argvs[0]?.slice(0, 3)).toEqual(['tail', '--bytes', `+${'no time\nhalf a line\n'.length + 1}`]);
});

test('lines longer than what is read at once are whole', async () => {
  const long = 'ž'.repeat(3_000_000);
  expect(texts(await merged(open('a', { lines: ['x', long, 'y'] })))).toEqual(['a x', `a ${long}`, 'a y']);
});

test('the last so many', async () => {
  async function* count() {
    for (let n = 1; n <= 100; n++) yield await Promise.resolve(n);
  }
  for (const [wanted, last] of [
    [0, []],
    [3, [98, 99, 100]],
    [200, 100],
  ] as const) {
    const found: number[] = [];
    for await (const n of lastOf(count(), wanted)) found.push(n);
    expect(typeof last === 'number' ? found.length : found).toEqual(last);
  }
});
