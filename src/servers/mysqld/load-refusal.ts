import type { Meaning, Refusal } from '../refusal.js';

/** `ERROR 1064 (42000) at line 3: You have …`; what is said of the client's own words has no number. */
const ERROR = /^ERROR(?: (\d+) \(\w+\))?(?: at line (\d+))?(?: in file: '[^']*')?: ([^]*)$/m;

/** Of a connection that was not made, or went away: CR_… of the client, a shutdown, a kill. */
const LOST: ReadonlySet<number> = new Set([2002, 2003, 2006, 2013, 1053, 1927, 3169]);

/** `** (myloader:920): CRITICAL **: 22:32:25.229: Error restoring …` */
const CRITICAL = /CRITICAL \*\*: [\d:.]+: (.*)$/m;

/** What the client of MySQL or MariaDB, or myloader, says of the first statement that failed. */
export function readRefusal(said: string): Refusal {
  const [, number, line, words = CRITICAL.exec(said)?.[1]] = ERROR.exec(said) ?? [];
  return {
    line: line === undefined ? null : Number(line),
    number: number === undefined ? null : Number(number),
    words: (words ?? said).trim(),
    isLost: LOST.has(Number(number)),
  };
}

const TOO_LARGE = "A statement that is larger than the server's max_allowed_packet is refused, or ends the connection.";
const LARGER = [
  'Create the cluster with room for it: -c max_allowed_packet=1G',
  'Or let statements be smaller: mysqldump --net-buffer-length=1M',
];

/** What refusals mean whatever the topology is. Source: the servers' own lists of errors. */
export const MEANINGS: readonly Meaning[] = [
  { by: 1153, says: TOO_LARGE, advice: LARGER },
  { by: 2006, says: TOO_LARGE, advice: LARGER },
  { by: 2013, says: TOO_LARGE, advice: LARGER },
  {
    by: 1046,
    says: 'The statement does not say of which database it is.',
    advice: ['--database NAME', 'Or write USE NAME; before it.'],
  },
  {
    by: 1049,
    says: 'A database is there when a statement has made it.',
    advice: ['Write CREATE DATABASE before it, or make it: dbns client CLUSTER -- -e "CREATE DATABASE NAME"'],
  },
];
