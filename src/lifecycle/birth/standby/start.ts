import type { ClusterSpec } from '../../../cluster/cluster.js';
import { UsageError } from '../../../errors/errors.js';
import type { Machine } from '../../../host/machine.js';
import { saveWish, wishIds, type Wish } from '../../../state/wishes.js';
import { topologyNamed } from '../../../topologies/registry.js';
import { requirePrograms, requireRoot, underMachineLock, type Context } from '../../context.js';
import { removeWish } from '../../removal/standby.js';
import { checkWords, type Wanted } from '../../resolve.js';
import { listStandbys, type StandbyView } from '../../standbys.js';
import { equipAnew } from '../bear.js';
import { wishFor } from './match.js';
import { refill } from './refill.js';

/** What is to stand by. */
export type StandbyRequest = Omit<Wish, 'id'>;

/** Each is a cluster that runs. */
const MOST = 16;

/**
 * Keeps clusters formed and ready for whoever creates one with the same words, and returns when they are. For words that
 * stand by already it is said anew how many are to be ready.
 * @throws UsageError for words that are one cluster's own; and as `makeCluster`. What failed leaves no new wish.
 */
export async function startStandby(request: StandbyRequest, context: Context): Promise<StandbyView> {
  const { machine } = context;
  const { spec, ready } = request;
  const topology = topologyNamed(spec.topology);
  const wanted = { topology, ...checkWords(spec, topology) };
  assertShared(spec);
  if (!Number.isInteger(ready) || ready < 1 || ready > MOST)
    throw new UsageError(`--ready: 1 to ${MOST}, not ${ready}.`);
  requireRoot(machine, `standby start ${topology.name}`);
  requirePrograms(machine);
  await equipAnew(machine, wanted);
  const { wish, isNew } = await underMachineLock(machine, () => say(machine, wanted, request));
  try {
    await refill(wish.id, context);
  } catch (error) {
    if (isNew) await removeWish(context, wish.id);
    throw error;
  }
  return standbyOf(machine, wish.id);
}

/** The wish of these words, saved; under the machine's lock. */
async function say(machine: Machine, wanted: Wanted, request: StandbyRequest) {
  const before = await wishFor(machine, wanted);
  const wish = { ...request, id: before?.id ?? (await nextId(machine)) };
  await saveWish(machine, wish);
  return { wish, isNew: before === null };
}

async function nextId(machine: Machine): Promise<string> {
  const taken = new Set(await wishIds(machine));
  for (let number = 1; ; number++) if (!taken.has(`s${number}`)) return `s${number}`;
}

/** What is one cluster's own: `create` with such a word takes no standby. */
const OWN: readonly (readonly [string, (spec: ClusterSpec) => boolean])[] = [
  ['name', ({ name }) => name !== undefined],
  ['--subnet', ({ subnet }) => subnet !== undefined],
  ['--bridge-to', ({ bridgeTo }) => bridgeTo !== undefined],
  ['--ip', ({ addresses = {} }) => Object.keys(addresses).length > 0],
  ['--password-file', ({ password }) => password !== undefined],
  ['--init', ({ init = [] }) => init.length > 0],
  ['--sample', ({ sample }) => sample === true],
];

function assertShared(spec: ClusterSpec): void {
  const [own] = OWN.find(([, isSaid]) => isSaid(spec)) ?? [];
  if (own === undefined) return;
  throw new UsageError(`A standby has no ${own} of its own, and a create with one takes none.`, {
    suggestions: [`Leave ${own} away, here and at create.`],
  });
}

async function standbyOf(machine: Machine, id: string): Promise<StandbyView> {
  const view = (await listStandbys(machine)).find((candidate) => candidate.id === id);
  if (view === undefined) throw new UsageError(`The standby ${id} was stopped meanwhile.`);
  return view;
}
