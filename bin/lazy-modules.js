// Modules of ours and of oclif, made such that each is loaded when something of it is first used, and not when the program
// starts: most calls use few.
const fs = require('node:fs');
const path = require('node:path');
const babel = require('@babel/core');

/** Writes our modules as CommonJS, each under its own name: what they import of each other keeps its path. */
exports.writeLazyModules = (from, to) => {
  const files = fs.readdirSync(from, { recursive: true }).filter((file) => file.endsWith('.ts'));
  for (const file of files) {
    const { code } = babel.transformFileSync(path.join(from, file), BABEL);
    fs.mkdirSync(path.dirname(path.join(to, file)), { recursive: true });
    fs.writeFileSync(path.join(to, file), code.replaceAll('import.meta.url', 'importMetaUrl'));
  }
  fs.writeFileSync(path.join(to, 'package.json'), JSON.stringify({ type: 'commonjs' }));
};

const BABEL = {
  babelrc: false,
  configFile: false,
  plugins: [
    require('@babel/plugin-transform-typescript'),
    [
      require('@babel/plugin-transform-modules-commonjs'),
      { lazy: () => true, importInterop: (id) => (id === 'valibot' ? 'none' : 'node'), strictMode: false, loose: true },
    ],
  ],
};

/** The same of oclif's, while esbuild reads them. */
exports.lazyOclif = {
  name: 'lazy-oclif',
  setup({ onLoad }) {
    // What nobody here asks oclif for: whether Windows is around, and what it does itself.
    onLoad({ filter: /\/wsl-utils\/index\.js$/ }, () => ({ contents: 'export const isWsl = false;' }));
    onLoad({ filter: /\/@oclif\/core\/lib\/logger\.js$/ }, ({ path: file }) => ({
      contents: fs.readFileSync(file, 'utf8').replace('require("debug")', '() => () => undefined'),
    }));
    onLoad({ filter: /\/@oclif\/core\/lib\/.*\.js$/ }, ({ path: file }) => ({
      contents: lazily(fs.readFileSync(file, 'utf8')),
    }));
  },
};

/** Of what tsc wrote: `const a_1 = require("a")` becomes an object, whose `loaded` is what was required. */
function lazily(text) {
  const required = /^const (\w+_\d+) = (.*\brequire\(.*\));$/gm;
  const names = [...text.matchAll(required)].map(([, name]) => name);
  if (names.length === 0) return text;
  const used = new RegExp(`\\b(${names.join('|')})\\b`, 'g');
  const lines = text
    .split('\n')
    .map((line) =>
      line.match(required) === null
        ? line.replaceAll(used, '$1.loaded')
        : line.replace(required, 'const $1 = whenUsed(() => $2);'),
    );
  return [...lines, WHEN_USED].join('\n');
}

const WHEN_USED = `function whenUsed(load) {
  return { get loaded() { const loaded = load(); Object.defineProperty(this, 'loaded', { value: loaded }); return loaded; } };
}`;
