// time-creates.mjs IMAGE COUNT…  makes a cluster of so many nodes, destroys it, and so on; a line of JSON about each create.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const program = path.resolve(import.meta.dirname, '../../../bin/run.js');
const dbns = (...words) => spawnSync(process.execPath, [program, ...words], { encoding: 'utf8', maxBuffer: 2 ** 26 });

const [image, ...counts] = process.argv.slice(2);
for (const nodes of counts) {
  const began = performance.now();
  const { status: code, stdout, stderr: said } = dbns('pxc', 'create', '--nodes', nodes, '--image', image, '--json');
  const took = performance.now() - began;
  console.log(JSON.stringify({ nodes: Number(nodes), code, took, said, view: JSON.parse(stdout) }));
  dbns('destroy', '--all', '--yes');
}
