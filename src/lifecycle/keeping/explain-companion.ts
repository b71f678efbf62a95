import type { Companion } from '../../cluster/cluster.js';
import { NotReadyError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';

/** How many lines of its log are shown. */
const LINES = 10;

/** Why a companion is not ready: what is amiss, and what it wrote last. */
export function explainCompanion(machine: Machine, { name, log }: Companion, error: NotReadyError): NotReadyError {
  const written = (machine.files.read(log) ?? '').split('\n').filter((line) => line.trim() !== '');
  const last = written.slice(-LINES).map((line) => `  ${line}`);
  return new NotReadyError(
    [`${name} is not ready: ${error.message}`, ...(last.length === 0 ? [] : [`The end of ${log}:`, ...last])].join(
      '\n',
    ),
    { cause: error },
  );
}
