// node bin/templates.js: compiles the templates into dist/program/templates.cjs, each beside the text that it was made of.
const fs = require('node:fs');
const Handlebars = require('handlebars');

const DIRECTORY = `${__dirname}/../templates`;

const entryOf = (file) => {
  const text = fs.readFileSync(`${DIRECTORY}/${file}`, 'utf8');
  // As src/templates/code.ts does it.
  const code = Handlebars.precompile(text, { strict: true, noEscape: true });
  return `${JSON.stringify(file.slice(0, -'.hbs'.length))}:{text:${JSON.stringify(text)},code:${code}}`;
};

const files = fs.readdirSync(DIRECTORY, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.hbs'));
fs.writeFileSync(`${__dirname}/../dist/program/templates.cjs`, `module.exports={${files.map(entryOf).join(',\n')}};\n`);
