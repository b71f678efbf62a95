#!/usr/bin/env node
// CommonJS, which node starts sooner than modules.
const { name, version } = require('../package.json');

const load = () => require('./compiled.js').load(`${__dirname}/../dist/program/main.cjs`, process.argv.slice(2));

// The cheapest question of all: it needs no program.
if (process.argv[2] === '--version') {
  process.stdout.on('error', (error) => load().exports.endWithoutOutput(error));
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
} else {
  const program = load();
  program.exports.main().then(program.done);
}
