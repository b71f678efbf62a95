// node bin/ascii.js FILE: writes what is not ASCII in a script as \u…, which esbuild does in strings and not in regular
// expressions. So the script is a byte a character, on disk and in memory, and is read without decoding.
const fs = require('node:fs');

const [file] = process.argv.slice(2);
const text = fs.readFileSync(file, 'utf8');
// eslint-disable-next-line no-control-regex
const ascii = text.replace(/[^\x00-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
fs.writeFileSync(file, ascii);
