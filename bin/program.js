// node bin/program.js: builds the program and its libraries into dist/program, as scripts that bin/compiled.js loads.
const fs = require('node:fs');
const esbuild = require('esbuild');
const { libraries } = require('./compiled.js');
const { lazyOclif, writeLazyModules } = require('./lazy-modules.js');

const DIRECTORY = `${__dirname}/../dist/program`;
/** Of a moment. */
const MODULES = `${__dirname}/../dist/modules`;

/** A script is one function of what a CommonJS module is given. */
const common = {
  bundle: true,
  minifySyntax: true,
  minifyWhitespace: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  outdir: DIRECTORY,
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: {
    js: '(function(exports,require,module,__filename,__dirname){const importMetaUrl=require("node:url").pathToFileURL(__filename).href;',
  },
  footer: { js: '})' },
  logLevel: 'warning',
};

// A script can't import, only require.
const main = {
  entryPoints: { main: `${MODULES}/program/main.ts` },
  minifyIdentifiers: true,
  external: ['typescript', ...libraries.keys()],
  plugins: [lazyOclif],
  supported: { 'dynamic-import': false },
};

/** What esbuild writes as \u… in strings and not in regular expressions. So a script is a byte a character, and is read without decoding. */
function makeAscii(file) {
  const text = fs.readFileSync(file, 'utf8');
  // eslint-disable-next-line no-control-regex
  const ascii = text.replace(/[^\x00-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  fs.writeFileSync(file, ascii);
}

async function build() {
  writeLazyModules(`${__dirname}/../src`, MODULES);
  await esbuild.build({ ...common, ...main });
  fs.rmSync(MODULES, { recursive: true });
  await esbuild.build({
    ...common,
    entryPoints: Object.fromEntries([...libraries].map(([id, name]) => [name, id])),
  });
  for (const name of ['main', ...libraries.values()]) makeAscii(`${DIRECTORY}/${name}.cjs`);
}

void build();
