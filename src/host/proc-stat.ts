import fs from 'node:fs';

/** The parent of a process. @throws when it is gone. */
export function parentOf(pid: number): number {
  return Number(fieldsOf(pid)[1]);
}

/** When a process was started: clock ticks since the boot. @throws when it is gone. */
export function startTimeOf(pid: number): number {
  return Number(fieldsOf(pid)[19]);
}

/** The fields of /proc/PID/stat from the third on; the second, the name, may hold spaces and parentheses. */
function fieldsOf(pid: number): readonly string[] {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
