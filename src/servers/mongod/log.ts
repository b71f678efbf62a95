import { UsageError, type DbnsError } from '../../errors/errors.js';
import { tellLines, type LineMeaning, type ServerLog, type Stamp } from '../log.js';

/** `{"t":…,"s":"E","c":"STORAGE",…}` since 4.4; `2026-11-26T04:38:46.000+0000 E STORAGE  […] …` before it. F is fatal. */
const isError = (line: string) => /^\{"t":.*?"s":"[EF]"/.test(line) || /^\S+T\S+ [EF] /.test(line) || ofWords(line);

/** What is said of the words of the call, before there is a log. */
const ofWords = (line: string) => /^(Error parsing|Error:|BadValue|FailedToParse)/.test(line);

function tell(written: string): readonly string[] {
  const isNoise = (line: string) => /^try '.*--help'|"msg":"Build Info"|"msg":"Operating System"/.test(line);
  return tellLines(written, { isError, isNoise, stamp: /^\S+ |"t":\{[^}]*\},/ });
}

/** A better error for a mongod that did not start because of a word of the user's. */
function explain(written: string): DbnsError | null {
  const unknown = /unrecognised option '-*([^']+)'/.exec(written)?.[1];
  if (unknown !== undefined) return new UsageError(`The server does not know the option '${unknown}'.`);
  const parameter = /(?:Illegal --setParameter parameter|Unknown --setParameter): "?([^"\n]+)"?/.exec(written)?.[1];
  if (parameter !== undefined) return new UsageError(`The server does not know the parameter '${parameter}'.`);
  return null;
}

function timeOf(line: string): Stamp | null {
  const text = /^\{"t":\{"\$date":"([^"]+)"\}/.exec(line)?.[1] ?? /^\d{4}-\d\d-\d\dT\S+/.exec(line)?.[0];
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? null : { time, isLocal: false, grain: 0 };
}

const meanings: readonly LineMeaning[] = [
  { words: /[Ww]aiting for connections/, says: () => ({ what: 'process', after: 'running' }) },
  { words: /now exiting|"msg":"Now exiting"/, says: () => ({ what: 'process', after: 'stopped' }) },
];

export const mongodLog: ServerLog = { explain, tell, timeOf, begins: /MongoDB starting/, meanings };
