// Loads the program with the code that V8 made of it in earlier calls. Without, each call would compile anew what it uses,
// which takes longer than most of them have to do.
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

/**
 * Libraries that are scripts of their own beside the program, and are read when they are first required: most calls need
 * none of them. By what requires them.
 */
const libraries = new Map([
  ['execa', 'execa'],
  ['listr2', 'listr2'],
  ['mongodb', 'mongodb'],
  ['mysql2/promise', 'mysql2'],
]);

exports.libraries = libraries;

/** Modules of node's own that it has not loaded by itself, and that calls can do without. */
const lazy = new Set(
  ['child_process', 'crypto', 'fs/promises', 'net', 'readline', 'readline/promises', 'stream/consumers']
    .concat(['stream/promises', 'tls', 'zlib'])
    .flatMap((name) => [name, `node:${name}`]),
);

/** Is loaded when something of it is first used. */
const lazily = (id) => new Proxy({}, { get: (_, name) => require(id)[name] });

/** The first words of a call, of which the longest that is a command names it: `standby start pxc` has the most. */
const MOST_WORDS = 3;

/**
 * Loads the program: a script, which is one function of what a CommonJS module is given. The code is kept beside it, in a file
 * for each command: all that a call of it has run. It is a hint: what another node made, or what was made of another build,
 * is refused; where nobody may write none is kept.
 * @param words the words of the call
 * @returns its exports; which of its scripts were loaded with code that was kept; and `done`, to be told at the end which
 *   command was done, as it was called (null for none)
 */
exports.load = (file, words) => {
  const directory = path.dirname(file);
  const command = process.env.NODE_DISABLE_COMPILE_CACHE ? null : calledOf(file, words);
  const scripts = new Map();
  const requireOf = (id) => {
    const library = libraries.get(id);
    if (library !== undefined) return loadScript(`${directory}/${library}.cjs`);
    return lazy.has(id) ? lazily(id) : require(id);
  };
  const loadScript = (place) => {
    const loaded = scripts.get(place);
    if (loaded !== undefined) return loaded.module.exports;
    const of = markOf(place);
    // The build makes it ASCII.
    const source = fs.readFileSync(place, 'latin1');
    const code = command === null ? undefined : keptCode(place, command, of);
    const script = new vm.Script(source, { filename: place, cachedData: code });
    const module = { exports: {} };
    scripts.set(place, { place, of, script, module, known: script.cachedDataRejected === false });
    script.runInThisContext()(module.exports, requireOf, module, place, directory);
    return module.exports;
  };
  const known = () => [...scripts.values()].filter((one) => one.known).map(({ place }) => path.basename(place));
  const done = (called) => {
    if (called === null || process.env.NODE_DISABLE_COMPILE_CACHE) return;
    process.on('exit', (exitCode) => {
      const all = [...scripts.values()];
      if (exitCode === 0 && !(called === command && all.every((one) => one.known)))
        for (const one of all) keep(one, called);
    });
  };
  return { exports: loadScript(file), known, done };
};

/** The command that the first words name, as far as it was done before: its name, e.g. `pxc:create`. */
function calledOf(file, words) {
  const flag = words.findIndex((word) => !/^[a-z][a-z0-9:-]*$/.test(word));
  const named = words.slice(0, Math.min(flag < 0 ? words.length : flag, MOST_WORDS));
  const names = named.map((_, index) => named.slice(0, named.length - index).join(':'));
  return names.find((name) => fs.existsSync(codeFile(file, name))) ?? null;
}

const codeFile = (file, command) => `${file}.${command}.code`;

/** Of what a script its code is: V8 compares the length of the source alone. */
function markOf(file) {
  const { size, mtimeMs } = fs.statSync(file);
  return `${process.version} ${process.arch} ${size} ${mtimeMs}`;
}

/** What was kept of a script for a command; the first line says of what it is. */
function keptCode(file, command, of) {
  try {
    const bytes = fs.readFileSync(codeFile(file, command));
    const end = bytes.indexOf('\n');
    return bytes.toString('latin1', 0, end) === of ? bytes.subarray(end + 1) : undefined;
  } catch {
    return undefined;
  }
}

/** Whole or not at all: another call may read it now. */
function keep({ place, of, script }, command) {
  const kept = codeFile(place, command);
  const draft = `${kept}.${process.pid}`;
  try {
    fs.writeFileSync(draft, Buffer.concat([Buffer.from(`${of}\n`), script.createCachedData()]), { flag: 'wx' });
    fs.renameSync(draft, kept);
  } catch {
    fs.rmSync(draft, { force: true });
  }
}
