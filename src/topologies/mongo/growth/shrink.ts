import { namesOf, without, type Cluster, type Node } from '../../../cluster/cluster.js';
import { UsageError } from '../../../errors/errors.js';
import type { Leaving, ShrinkRequest } from '../../growth.js';
import { drainStep } from './drain.js';
import { leaveSet, type Departure } from './leave-set.js';
import { askMembers, primaryAmong } from '../reconfigure.js';
import { routersOf, setsOf, shardsOf, type ReplicaSet } from '../replica-set.js';
import { routersPlan } from '../router-config.js';
import { noPrimary, noRouter } from '../sentences.js';
import { CONFIG_SERVERS, ROUTERS, settingsOf, wordsOf } from '../settings.js';

/**
 * Members are taken out of their set's configuration, a whole shard is drained; routers just go.
 * @throws UsageError, ConflictError for what would leave a part without members, a quorum or a primary.
 */
export async function shrink(request: ShrinkRequest): Promise<Leaving> {
  const { setting, leaving } = request;
  const { cluster } = setting;
  const after: Cluster = {
    ...without(cluster, leaving),
    settings: wordsOf(settingsOf(cluster), (name) => !leaving.some((node) => node.name === name)),
  };
  assertParts(cluster, after);
  const stay = new Set(setsOf(after).map(({ group }) => group));
  const parts = setsOf(cluster).filter(({ group }) => leaving.some((node) => node.group === group));
  const departures: Departure[] = [];
  for (const set of parts) {
    departures.push(await (stay.has(set.group) ? leaveSet(request, set, after) : leaveCluster(request, set, after)));
  }
  return {
    notes: departures.flatMap(({ notes }) => notes),
    settings: after.settings,
    before: { sequence: departures.flatMap(({ before }) => before) },
    after: routersPlan(setting, cluster, after),
  };
}

/** What a sharded cluster can't be without. */
function assertParts(before: Cluster, after: Cluster): void {
  if (settingsOf(before).shards === null) return;
  const { name } = before;
  const isLeft = {
    router: routersOf(after).length > 0,
    shard: shardsOf(after).length > 0,
    'config server': setsOf(after).some(({ group }) => group === CONFIG_SERVERS),
  };
  const [missing] = Object.entries(isLeft).flatMap(([part, left]) => (left ? [] : [part]));
  if (missing === undefined) return;
  throw new UsageError(`'${name}' would have no ${missing}: its last one can't be removed.`, {
    suggestions: [`dbns destroy ${name}`],
  });
}

/** A whole shard leaves: all it has goes to others first. */
async function leaveCluster(
  { setting, running, force }: ShrinkRequest,
  shard: ReplicaSet,
  after: Cluster,
): Promise<Departure> {
  const { name } = setting.cluster;
  const up = running.filter(({ group }) => group === shard.group);
  const byForce = `Whatever is lost with it: dbns remove ${name} ${shard.members.map((node) => node.name).join(' ')} --force`;
  const router = routerAmong(running, after);
  const primary = primaryAmong(up, await askMembers(setting, up));
  const [target] = shardsOf(after);
  if (router !== undefined && primary !== undefined && target !== undefined) {
    return {
      notes: [
        `${shard.name} is drained first: the balancer moves its chunks to the other shards, and databases go to ${target.name}. That may take long, and a remove that was cut short goes on with it.`,
      ],
      before: [{ title: `drain ${shard.name}`, sequence: [drainStep(setting, router, shard.name, target.name)] }],
    };
  }
  if (!force) {
    const then = `nobody could hand over what ${namesOf(shard.members)} have`;
    throw router === undefined ? noRouter(name, then, byForce) : noPrimary(name, shard.name, then, byForce);
  }
  return { notes: [`${shard.name} is not drained: the config servers go on knowing it, if they do.`], before: [] };
}

/** One that stays, or else any. */
function routerAmong(running: readonly Node[], after: Cluster): Node | undefined {
  const routers = running.filter(({ group }) => group === ROUTERS);
  return routers.find(({ name }) => after.nodes.some((node) => node.name === name)) ?? routers[0];
}
