// create.mjs HOW MOMENT NUMBER  makes the cluster of CUT_SPEC (JSON) and interrupts that at its NUMBERth MOMENT.
//   HOW     never | fail | kill | SIGINT | SIGTERM
//   MOMENT  started | done   a step has started, or is done
//           act              before an act on the machine; those of the steps are not counted
// Prints the names of the steps and acts that there were.
import process from 'node:process';
import * as dbns from '../../../dist/index.js';
import { interruption, tell, watched } from './interruption.mjs';

const [how, moment, number] = process.argv.slice(2);
const { signal, strike } = interruption(how, dbns);
const passed = { started: [], done: [], act: [] };

function pass(kind, name) {
  passed[kind].push(name);
  if (kind === moment && passed[kind].length === Number(number)) strike();
}

const observer = { stepStarted: ({ step }) => pass('started', step), stepDone: ({ step }) => pass('done', step) };
const machine = watched(dbns.localMachine, (act) => {
  if (passed.started.length === 0) pass('act', act);
});
const spec = JSON.parse(process.env.CUT_SPEC);
await tell(async () => {
  const { state } = await dbns.makeCluster(spec, { machine, observer, signal });
  return { state, ...passed };
});
