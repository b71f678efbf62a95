import { createCluster, dbns, destroyCluster, env } from './dbns.mjs';
import { measureFloors } from './floors.mjs';
import { interrupted } from './interrupt.mjs';
import { run, settle } from './run.mjs';

/** Nodes of the cluster that is listed, asked and destroyed. */
const NODES = 4;

const NAME = 'benchcalls';

/** Calls of a user's, as multiples of what node itself costs. @param {import('./words.mjs').Words} words */
export function callsOf({ runs, ...words }) {
  const of = { ...words, nodes: NODES };
  const call = (/** @type {readonly string[]} */ argv) => async () => {
    const { ms } = await dbns(argv, { signal: interrupted });
    return { ms };
  };
  const contenders = [
    { name: 'node -e 0', measure: measureNode },
    { name: '--version', measure: call(['--version']) },
    { name: 'create --dry-run', measure: call([of.topology, 'create', '--dry-run', '--image', of.image]) },
    { name: 'list', measure: () => standing(of).then(call(['list'])) },
    { name: 'status', measure: () => standing(of).then(call(['status', NAME])) },
    { name: 'destroy', measure: () => standing(of).then(destroyed) },
    ...measureFloors({ standing: () => standing(of), destroyed }, NAME),
  ];
  return contenders.map((contender) => ({ ...contender, runs }));
}

/** What node itself costs. */
async function measureNode() {
  const { ms } = await run([process.execPath, '-e', '0'], { env, signal: interrupted });
  return { ms };
}

let stands = false;

/** The cluster, made when it is not there. */
async function standing(of) {
  if (stands) return;
  await createCluster(NAME, of);
  stands = true;
  await settle();
}

async function destroyed() {
  const { ms } = await destroyCluster(NAME);
  stands = false;
  return { ms };
}
