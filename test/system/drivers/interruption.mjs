// What the drivers beside it have in common: an interruption at one moment of what dbns does.
import fs from 'node:fs';

/** Milliseconds after a moment, so that what it begins (a copy, a server's own step) is under way. */
const LATE = 150;

/**
 * @param {'never' | 'fail' | 'kill' | 'kill late' | 'SIGINT' | 'SIGTERM'} how
 * @param {{ InterruptedError: new (signal: string) => Error }} dbns the library
 */
export function interruption(how, { InterruptedError }) {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    strike() {
      const kill = () => process.kill(process.pid, 'SIGKILL');
      if (how === 'kill') kill();
      if (how === 'kill late') {
        setTimeout(kill, LATE).unref();
        return;
      }
      if (how === 'fail') throw new Error('injected by the test');
      if (how !== 'never') controller.abort(new InterruptedError(how));
    },
  };
}

/** Calls that change the machine, or could. */
const ACTS = ['mkdir', 'mkdirAll', 'write', 'writeKernel', 'replace', 'rename', 'remove', 'removeEmpty', 'copyFile'];

/**
 * The same machine, with `before(call)` called before each act on it. A file that is replaced lies half made beside the
 * old one then: there a kill leaves most behind.
 */
export function watched(machine, before) {
  const watch = (target, names) =>
    new Proxy(target, {
      get(object, name) {
        const member = object[name];
        if (!names.includes(name)) return member;
        return (...words) => {
          const undo = name === 'replace' ? halfMade(words[0]) : () => undefined;
          before(`${String(name)} ${Array.isArray(words[0]) ? words[0].slice(0, 4).join(' ') : words[0]}`);
          undo();
          return member.apply(object, words);
        };
      },
    });
  const files = watch(machine.files, ACTS);
  return watch({ ...machine, files }, ['run', 'removeTrees', 'spawn', 'lock']);
}

function halfMade(file) {
  const temporary = `${file}.new`;
  fs.writeFileSync(temporary, '{"half');
  return () => fs.rmSync(temporary);
}

/** Prints what came of it; the exit code is that of the command line. */
export async function tell(work) {
  try {
    process.stdout.write(JSON.stringify(await work()));
  } catch (error) {
    process.stdout.write(JSON.stringify({ message: error.message }));
    process.exitCode = error.exitCode ?? 1;
  }
}
