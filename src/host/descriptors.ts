import fs from 'node:fs';

/** Of the flags of an open file, in Linux's numbers (fcntl.h, octal in /proc/self/fdinfo). */
const O_CLOEXEC = 0o2000000;

/**
 * The argv that runs a command with the descriptors 0, 1 and 2 alone. Node marks its own as not to be passed on, but of
 * those that we were started with (a lock, a directory, a pipe) only the first ones: what is left has to be closed on
 * the way, by bash, for other shells close no number above 9. Mostly nothing is left, and the command is its own argv.
 */
export function withoutDescriptors(argv: readonly string[]): readonly string[] {
  const passedOn = fs.readdirSync('/proc/self/fd').map(Number).filter(isPassedOn);
  if (passedOn.length === 0) return argv;
  const closing = passedOn.map((number) => `${number}>&-`).join(' ');
  // So bash reads no file of the user's (it would when its stdin is a socket, as Node's are), no BASH_ENV, no function.
  return ['bash', '--norc', '-p', '-c', `exec ${closing}; exec "$@"`, 'dbns', ...argv];
}

/** Whether a child that we start gets an open descriptor, be it wanted or not. */
function isPassedOn(descriptor: number): boolean {
  if (descriptor <= 2) return false;
  try {
    const flags = /^flags:\s*(\d+)/m.exec(fs.readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
    return (Number.parseInt(flags ?? '0', 8) & O_CLOEXEC) === 0;
  } catch {
    return false; // it was the one by which the directory was read
  }
}
