// doors.mjs VERB HOW NUMBER  exposes, links, unlinks, attaches, detaches, breaks or heals in the clusters of CUT_SPEC (JSON: `name`, `other`, `pid`), and
// interrupts that (HOW: never | fail | kill | SIGINT) at its NUMBERth moment: before an act on the machine, or when a step
// has started or is done. Prints the moments that there were; with an interruption, its own on stderr.
import fs from 'node:fs';
import process from 'node:process';
import * as dbns from '../../../dist/index.js';
import { interruption, tell, watched } from './interruption.mjs';

const { name, other, pid } = JSON.parse(process.env.CUT_SPEC);
const command = { argv: ['sleep', '1000'], surroundings: { environment: {}, directory: '/' }, caller: null };

const FAULT = { cluster: name, lasts: null };
const ALL = { channel: null, newOnly: false, reset: false };
const NOTHING = { delay: null, jitter: null, duplicate: null, reorder: null, corrupt: null };
const SLOW = { ...NOTHING, loss: 0.1, rate: 10_000_000 };
const node1 = () => dbns.choose(dbns.localMachine, { words: [name, 'node1'], all: false }, 'named');

const VERBS = {
  expose: ({ machine }) => dbns.expose(machine, { cluster: name, to: { host: 'node1' }, hostPort: 3399 }),
  unexpose: ({ machine }) => dbns.unexpose(machine, { cluster: name }),
  link: ({ machine }) => dbns.linkClusters(machine, { from: name, to: other, oneWay: false, ports: [], hosts: [] }),
  unlink: ({ machine }) => dbns.unlinkClusters(machine, name, other),
  'attach a process': (context) => dbns.attachTo(name, { name: 'app', target: { pid } }, context),
  'attach a command': (context) => dbns.attachTo(name, { name: 'app', target: { command } }, context),
  partition: (context) => dbns.partition({ ...FAULT, sides: [], from: ['gateway'], to: ['node1'], ...ALL }, context),
  cut: async (context) => dbns.cutEach(await node1(), 3_600_000, context),
  pause: async (context) => dbns.harmEach('pause', await node1(), 3_600_000, context),
  slow: (context) => dbns.slow({ ...FAULT, from: ['gateway'], to: ['node1'], quality: SLOW }, context),
  heal: (context) => dbns.heal({ cluster: name, faults: [], timeout: 60_000 }, context),
  detach: (context) => dbns.detachFrom(name, ['app'], { timeout: 5000 }, context),
};

const [verb, how, number] = process.argv.slice(2);
const { signal, strike } = interruption(how, dbns);
const moments = [];

function pass(moment) {
  moments.push(moment);
  if (moments.length !== Number(number)) return;
  fs.writeSync(2, moment);
  strike();
}

const observer = {
  stepStarted: ({ step }) => pass(`started: ${step}`),
  stepDone: ({ step }) => pass(`done: ${step}`),
};
await tell(async () => {
  await VERBS[verb]({ machine: watched(dbns.localMachine, pass), observer, signal });
  return { moments };
});
