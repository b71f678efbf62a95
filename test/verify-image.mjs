// test/pxc: an image of the topology pxc, pulled, put through the system tests of that topology, and timed; then a report
// in Markdown on stdout, to paste. What happens meanwhile is on stderr. The checkout is set up (bin/setup).
import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';

const repository = path.resolve(import.meta.dirname, '..');
const enter = path.join(repository, 'test/system/world/enter.sh');
/** The files whose tests ask nothing of a server but that it is one of this topology. */
const FILES = ['pxc', 'connect', 'network', 'status', 'durability'];
/** Creates that are timed; the first makes the pristine directory. */
const CREATES = [1, 3, 3, 3, 5];

const image = process.argv[2] ?? 'pxc:8.4';

/** Runs a command, its streams on our stderr as well; resolves with what it wrote and its exit code. */
function run(argv, env = {}) {
  process.stderr.write(`\n$ ${argv.join(' ')}\n`);
  const child = spawn(argv[0], argv.slice(1), { cwd: repository, env: { ...process.env, ...env } });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      written[name] += text;
      process.stderr.write(text);
    });
  }
  child.stdin.end();
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ ...written, stderr: error.message, code: 127 }));
    child.on('close', (code, signal) => resolve({ ...written, code: code ?? signal }));
  });
}

const dbns = (...words) => run(['bin/run.js', ...words]);

/** The image as `image list` has it, pulled when it is not there; null when it can't be had. */
async function imageRow() {
  const find = async () =>
    JSON.parse((await dbns('image', 'list', '--json')).stdout).images.find(({ ref }) => ref === image);
  const there = await find();
  if (there !== undefined) return there;
  const { code } = await dbns('image', 'pull', image);
  return code === 0 ? find() : null;
}

/** One create after another, in a world of their own: what each said, how long it took, what its nodes are. */
async function figures() {
  const counts = CREATES.map(String);
  const { stdout } = await run([enter, process.execPath, 'test/system/drivers/time-creates.mjs', image, ...counts]);
  return stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
}

/** A row of the table of creates. */
function createRow({ nodes, code, took, said, view }) {
  const memory = (view.nodes ?? []).map(({ memoryBytes }) => Math.round(memoryBytes / 1024 ** 2));
  const words = view.error?.message ?? said.split('\n').find((line) => line.includes('Warning')) ?? '';
  return `| ${nodes} | ${code} | ${(took / 1000).toFixed(1)} s | ${memory.join(', ')} MB | ${words.replaceAll('|', '/')} |`;
}

function failureText({ nodes, said, view }) {
  return `\nThe create of ${nodes}:\n\n\`\`\`\n${said}${view.error?.message ?? ''}\n\`\`\``;
}

const row = await imageRow();
if (row === null) {
  console.error(`${image} could not be pulled: there is nothing to verify.`);
  process.exit(3);
}
const creates = await figures();
const filters = FILES.map((name) => `/${name}.test`);
const tests = await run(['node', 'test/system/run.mjs', ...filters], { DBNS_TEST_IMAGE: image });
const results = tests.stdout.match(/^(FAILED|skipped): .*(\n {4}.*)*|^\d+ passed, \d+ failed.*/gm) ?? [
  `no result: exit ${tests.code}`,
];
const commit = await run(['git', 'rev-parse', '--short', 'HEAD']);

console.log(`
### dbns on ${image}: ${results.at(-1)}

- server: ${row.server}; image: ${row.from ?? ''} ${row.digest ?? ''}
- dbns ${commit.stdout.trim()}; kernel ${os.release()}; ${os.cpus().length} × ${os.cpus()[0]?.model ?? 'CPU'}; ${Math.round(os.totalmem() / 1024 ** 3)} GB

| nodes | exit | create | memory | said |
| --- | --- | --- | --- | --- |
${creates.map(createRow).join('\n')}

\`\`\`
${results.slice(0, -1).join('\n') || 'Nothing failed.'}
\`\`\`
${creates
  .filter(({ code }) => code !== 0)
  .map(failureText)
  .join('\n')}`);
process.exitCode = tests.code === 0 && creates.every(({ code }) => code === 0) ? 0 : 1;
