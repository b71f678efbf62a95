// destroy.mjs HOW NUMBER  destroys the only cluster and interrupts that (HOW: never | fail | kill) before its NUMBERth
// act on the machine. Prints the acts that there were.
import process from 'node:process';
import * as dbns from '../../../dist/index.js';
import { interruption, tell, watched } from './interruption.mjs';

const [how, number] = process.argv.slice(2);
const { signal, strike } = interruption(how, dbns);
const acts = [];
const machine = watched(dbns.localMachine, (act) => {
  acts.push(act);
  if (acts.length === Number(number)) strike();
});
await tell(async () => {
  await dbns.destroyCluster(undefined, { machine, observer: {}, signal });
  return { acts };
});
