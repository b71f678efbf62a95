import { UsageError, type DbnsError } from '../../errors/errors.js';
import { unknownOption } from './options.js';

/** An option that the server does not know is the user's word, and is told as such. */
export function explain(written: string): DbnsError | null {
  const option = unknownOption(written);
  return option === null ? null : new UsageError(`The server does not know the option '${option}'.`);
}
