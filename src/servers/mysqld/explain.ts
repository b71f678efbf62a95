import { MachineError, UsageError, type DbnsError } from '../../errors/errors.js';
import { unknownOption } from './options.js';

/**
 * What a server's last words mean to users: an option that it does not know is their word; the kernel's limit of
 * asynchronous I/O (65536, of which a mysqld takes some 2600) is the machine's.
 */
export function explain(written: string): DbnsError | null {
  const option = unknownOption(written);
  if (option !== null) return new UsageError(`The server does not know the option '${option}'.`);
  if (written.includes('io_setup() failed with EAGAIN after')) {
    return new MachineError("The machine's limit of asynchronous I/O is reached (fs.aio-max-nr): too many servers.", {
      suggestions: ['sysctl -w fs.aio-max-nr=1048576', 'Or let servers do without: -c innodb_use_native_aio=OFF'],
    });
  }
  return null;
}
