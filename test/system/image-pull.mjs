// image-pull.mjs STATE REF [OPTIONS-AS-JSON]  pulls an image with the built dbns, below STATE; SIGINT aborts the pull.
// stdout: `ready` when it can be aborted, each line of progress, then `pulled BUILD` or the error's `code: message`.
import { localMachine, pullImage } from '../../dist/index.js';

const [state, ref, options = '{}'] = process.argv.slice(2);
const machine = { ...localMachine, roots: { ...localMachine.roots, state } };
const interrupt = new AbortController();
process.on('SIGINT', () => interrupt.abort(new Error('aborted')));
console.log('ready');

try {
  const context = { machine, observer: { detail: (line) => console.log(line) }, signal: interrupt.signal };
  const image = await pullImage(ref, context, JSON.parse(options));
  console.log(`pulled ${image.build}`);
} catch (error) {
  console.log(`${error.code}: ${error.message}`);
  process.exitCode = error.exitCode ?? 1;
}
