// life.mjs VERB HOW NUMBER  stops, starts, restarts or resets all of the cluster of CUT_SPEC (JSON), adds a node to it, removes, rebuilds or promotes its
// `leaving`, or upgrades it to its `image`, and interrupts that (HOW: never | fail | kill | kill late | SIGINT | SIGTERM) at its NUMBERth moment: before an act on the machine, a signal to a server among them, or
// when a step has started or is done. Prints the moments that there were; with an interruption, its own on stderr.
import fs from 'node:fs';
import process from 'node:process';
import * as dbns from '../../../dist/index.js';
import { interruption, tell, watched } from './interruption.mjs';

const VERBS = {
  stop: (name, context) => dbns.stopNodes(name, [], { timeout: 60_000 }, context),
  start: (name, context) => dbns.startNodes(name, [], { timeout: 60_000 }, context),
  restart: (name, context) => dbns.restartNodes(name, [], { timeout: 60_000, rolling: false }, context),
  'restart --rolling': (name, context) => dbns.restartNodes(name, [], { timeout: 60_000, rolling: true }, context),
  reset: (name, context) => dbns.resetCluster(name, { timeout: 60_000 }, context),
  add: (name, context) =>
    dbns.addNodes(name, { nodes: 1, settings: {}, image: undefined }, { timeout: 60_000 }, context),
  upgrade: (name, context) => dbns.upgradeNodes(name, [], { image, timeout: 120_000 }, context),
  rebuild: (name, context) => dbns.rebuildNode(name, leaving, { timeout: 120_000 }, context),
  promote: (name, context) => dbns.promoteNode(name, leaving, { force: false, timeout: 60_000 }, context),
  remove: (name, context) => dbns.removeNodes(name, [leaving], { force: false, timeout: 60_000 }, context),
};

const { name, leaving, image } = JSON.parse(process.env.CUT_SPEC);
const [verb, how, number] = process.argv.slice(2);
const { signal, strike } = interruption(how, dbns);
const moments = [];

function pass(name) {
  moments.push(name);
  if (moments.length !== Number(number)) return;
  fs.writeSync(2, name);
  strike();
}

const observer = {
  stepStarted: ({ step }) => pass(`started: ${step}`),
  stepDone: ({ step }) => pass(`done: ${step}`),
};
const machine = watched(dbns.localMachine, pass);
await tell(async () => {
  await VERBS[verb](name, { machine: { ...machine, processes: signalling(machine.processes) }, observer, signal });
  return { moments };
});

/** Signals are what `stop` does to servers. */
function signalling(processes) {
  return {
    ...processes,
    signal(pid, name) {
      pass(`signal ${name}`);
      processes.signal(pid, name);
    },
  };
}
