import { MachineError, UsageError, type DbnsError } from '../../errors/errors.js';
import { tellLines, type LineMeaning, type ServerLog, type Stamp } from '../log.js';

/** `2026-11-26  4:38:00 0 [ERROR] …` (MariaDB), `2026-11-26T04:37:21.340965Z 0 [ERROR] [MY-000058] [Server] …` (MySQL). */
const isError = (line: string) => line.includes('[ERROR]') && !STRIPPED.test(line);

/** MySQL's complaint that a clone has no dump of a buffer pool: none was to be cloned. */
const STRIPPED = /Cannot open '.*\/ib_buffer_pool' for reading/;

/**
 * The last word of a server that does not come up. It may hang after it, as MariaDB does when Galera has begun already. And
 * what MySQL says of an init_file (MY-000061), without which it goes on, but no node can.
 */
export const GIVES_UP = /\[ERROR\] (\[MY-\d+\] \[Server\] )?Aborting$|\[ERROR\] \[MY-000061\] /m;

const STAMP = /^[\d-]+[T ]+[\d:.]+Z? \d+ /;

const NOISE = [
  /^Version: '/,
  /Starting MariaDB |starting as process|initializing of server in progress|Server version with update/,
  /MySQL Server (Initialization )?- (start|end)\.$/,
  /MySQL Server has access to /,
  /unknown variable 'loose/,
  STRIPPED,
  /https?:\/\//,
];

/** What mariadb-install-db says at length when it failed, and once more when it did not. */
const ADVICE = /^(Installation of system tables failed!|To start mariadbd at boot time)[^]*?(\/jira|get-involved\/)$/gm;

function tell(written: string): readonly string[] {
  const isNoise = (line: string) => NOISE.some((form) => form.test(line));
  // A server that refuses a statement may write it down with its password.
  return tellLines(written.replace(ADVICE, '').replace(/(IDENTIFIED BY ).*/g, '$1…'), {
    isError,
    isNoise,
    stamp: STAMP,
  });
}

/** What a complaint of a server means: its words, whose first group is put into the sentence. */
interface Meaning {
  readonly words: RegExp;
  readonly error: (named: string) => DbnsError;
}

const MEANINGS: readonly Meaning[] = [
  {
    words: /unknown (?:variable|option) '(?:--)?([^'=]+)/,
    error: (option) => new UsageError(`The server does not know the option '${option}'.`),
  },
  {
    words: /Error while setting value ('.*' to '.*')/,
    error: (pair) => new UsageError(`The server can't set ${pair}.`),
  },
  {
    words: /((?:option '.*' (?:requires an|cannot take an) argument)|(?:ambiguous option '.*'))/,
    error: (sentence) => new UsageError(`The server refuses an option: ${sentence}.`),
  },
  {
    words: /(Illegal or unknown default time zone '.*')/,
    error: (sentence) =>
      new UsageError(`${sentence}.`, {
        suggestions: [
          'The names are those of the zones in /usr/share/zoneinfo of the image, or else of the machine (package tzdata).',
        ],
      }),
  },
  {
    // The kernel's limit is 65536, of which a mysqld takes some 2300.
    words: /io_setup\(\) failed with EAGAIN after/,
    error: () =>
      new MachineError("The machine's limit of asynchronous I/O is reached (fs.aio-max-nr): too many servers.", {
        suggestions: ['sysctl -w fs.aio-max-nr=1048576', 'Or let servers do without: -c innodb_use_native_aio=OFF'],
      }),
  },
  {
    words: /(Your password does not satisfy the current policy requirements.*)/,
    error: (sentence) => accountRefused(sentence),
  },
];

/** The user's options set up a policy that the account of the cluster does not satisfy, its password above all. */
export function accountRefused(sentence: string): UsageError {
  return new UsageError(`The server does not make the account 'dbns': ${sentence.replace(/\.?$/, '.')}`, {
    suggestions: ['--password-file names a file with a password that satisfies the policy.'],
  });
}

/**
 * The first error that means something to users is the cause: those before it tell its particulars, those after it what
 * came of it. A warning is no cause, whatever it says; but a line that came before any log was, as options are read.
 */
function explain(written: string): DbnsError | null {
  for (const line of written.split('\n').filter((text) => isError(text) || !/\[\w+\]/.test(text))) {
    for (const { words, error } of MEANINGS) {
      const match = words.exec(line);
      if (match !== null) return error(match[1] ?? '');
    }
  }
  return null;
}

/** MySQL's to the microsecond, with its zone; MariaDB's to the second, in the server's own. */
function timeOf(line: string): Stamp | null {
  const exact = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/.exec(line)?.[0];
  if (exact !== undefined) return { time: Date.parse(exact), isLocal: false, grain: 0 };
  const [, day, hour, rest] = /^(\d{4}-\d\d-\d\d) ([ \d]\d)(:\d\d:\d\d) /.exec(line) ?? [];
  if (day === undefined || hour === undefined) return null;
  return { time: Date.parse(`${day}T${hour.replace(' ', '0')}${rest ?? ''}Z`), isLocal: true, grain: 999 };
}

const meanings: readonly LineMeaning[] = [
  { words: /(?:mysqld|mariadbd): ready for connections\./, says: () => ({ what: 'process', after: 'running' }) },
  { words: /(?:mysqld|mariadbd): Shutdown complete/, says: () => ({ what: 'process', after: 'stopped' }) },
  {
    words: /(?:mysqld|mariadbd) got (?:signal|exception) (\S+)/,
    says: ([signal = '']) => ({ what: 'process', after: 'dead', why: `got signal ${signal}` }),
  },
];

export const mysqldLog: ServerLog = { explain, tell, timeOf, begins: / as process \d+/, meanings };
