import { UsageError, type DbnsError } from '../../errors/errors.js';

/** A better error for a mongod that did not start because of a word of the user's. */
export function explain(written: string): DbnsError | null {
  const unknown = /unrecognised option '-*([^']+)'/.exec(written)?.[1];
  if (unknown !== undefined) return new UsageError(`The server does not know the option '${unknown}'.`);
  const parameter = /(?:Illegal --setParameter parameter|Unknown --setParameter): "?([^"\n]+)"?/.exec(written)?.[1];
  if (parameter !== undefined) return new UsageError(`The server does not know the parameter '${parameter}'.`);
  return null;
}
