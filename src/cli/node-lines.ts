import type { OnNodeLine } from '../lifecycle/reach/many.js';
import { colour } from './colour.js';

/** Not red, which is for what is wrong. */
const COLOURS = [
  colour.cyan,
  colour.yellow,
  colour.green,
  colour.magenta,
  colour.blue,
  colour.cyanBright,
  colour.yellowBright,
  colour.greenBright,
  colour.magentaBright,
  colour.blueBright,
];

/** Prints lines of what runs on many nodes, each to its own stream. */
export function printNodeLines(): OnNodeLine {
  const named = nodeLines();
  return (name, line, stream) => {
    process[stream].write(`${named(name, line)}\n`);
  };
}

/** Puts the name of its node before a line, in a colour of the node's own: `node1 | ready for connections`. */
export function nodeLines(): (name: string, line: string) => string {
  const colours = new Map<string, (text: string) => string>();
  return (name, line) => {
    const own = colours.get(name) ?? COLOURS[colours.size % COLOURS.length] ?? String;
    colours.set(name, own);
    return `${own(`${name} |`)} ${line}`;
  };
}
