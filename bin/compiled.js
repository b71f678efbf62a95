// Loads the program with the code that V8 made of it in earlier calls. Without, each call would compile anew what it uses,
// which takes longer than most of them have to do.
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

/**
 * Loads a script: one function of what a CommonJS module is given. The code is kept beside it, and grows by each command
 * that is done for the first time. It is a hint: what another node made, or what was made of another build, is refused; where
 * nobody may write none is kept.
 * @returns its exports; by which commands its code had grown, none where it was refused; and `done`, to be told at the end
 *   which command was done (null for none)
 */
exports.load = (file) => {
  const kept = keptOf(file);
  // The build makes it ASCII.
  const script = new vm.Script(fs.readFileSync(file, 'latin1'), { filename: file, cachedData: kept.code });
  const commands = script.cachedDataRejected === false ? kept.commands : [];
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, file, path.dirname(file));
  const done = (command) => {
    if (command === null || commands.includes(command) || process.env.NODE_DISABLE_COMPILE_CACHE) return;
    process.on('exit', (exitCode) => {
      if (exitCode === 0) keep(kept, [...commands, command], script.createCachedData());
    });
  };
  return { exports: module.exports, commands, done };
};

/** What was kept of a script. The first line says of what it is. */
function keptOf(file) {
  const { size, mtimeMs } = fs.statSync(file);
  const kept = { place: `${file}.code`, of: `${process.version} ${process.arch} ${size} ${mtimeMs}` };
  if (process.env.NODE_DISABLE_COMPILE_CACHE) return kept;
  try {
    const bytes = fs.readFileSync(kept.place);
    const end = bytes.indexOf('\n');
    const { of, commands } = JSON.parse(bytes.toString('latin1', 0, end));
    return of === kept.of ? { ...kept, commands, code: bytes.subarray(end + 1) } : kept;
  } catch {
    return kept;
  }
}

/** Whole or not at all: another call may read it now. */
function keep({ place, of }, commands, code) {
  const draft = `${place}.${process.pid}`;
  try {
    fs.writeFileSync(draft, Buffer.concat([Buffer.from(`${JSON.stringify({ of, commands })}\n`), code]), {
      flag: 'wx',
    });
    fs.renameSync(draft, place);
  } catch {
    fs.rmSync(draft, { force: true });
  }
}
