import { UsageError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import type { Caller } from '../process/container.js';

export type { Caller };

/** The variables that name an account: sudo says of home and name what they are for root. */
export function accountOf(machine: Machine, { uid, user }: Caller): Readonly<Record<string, string>> {
  const home = usersOf(machine).find((fields) => fields[2] === String(uid))?.[5];
  return {
    ...(home !== undefined && { HOME: home }),
    ...(user !== null && { USER: user, LOGNAME: user }),
  };
}

/** @throws UsageError for a name that no user of the machine has. */
export function callerNamed(machine: Machine, name: string): Caller {
  const [user, , uid, gid] = usersOf(machine).find(([known]) => known === name) ?? [];
  if (user === undefined) throw new UsageError(`The machine has no user '${name}'.`);
  return { uid: Number(uid), gid: Number(gid), user };
}

/** The lines of passwd(5), by their fields. */
function usersOf(machine: Machine): readonly (readonly string[])[] {
  return (machine.files.read('/etc/passwd') ?? '').split('\n').map((line) => line.split(':'));
}
