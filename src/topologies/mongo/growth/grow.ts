import { namesOf, type Node } from '../../../cluster/cluster.js';
import type { Plan, Step } from '../../../cluster/plan.js';
import { hello } from '../../../servers/mongod/commands.js';
import { askStep } from '../../ask-step.js';
import type { GrowRequest, Joining } from '../../growth.js';
import { serverOf, type Setting } from '../../topology.js';
import { reachStep } from '../arrival.js';
import { withMembers, withVotes } from './configuration.js';
import { addShardStep, hasVersion, loginStep, sayWriteConcern, settlePlan } from '../finish.js';
import { formPlan } from '../formation.js';
import { askMembers, onPrimary, primaryAmong, reconfigure } from '../reconfigure.js';
import { assertConfigServers, routerPlan } from '../recover.js';
import type { Member } from '../member.js';
import { entryOf, setOfNode, type ReplicaSet } from '../replica-set.js';
import { routersPlan } from '../router-config.js';
import { ROUTERS, settingsOf, taggedSettings, votersOf } from '../settings.js';
import { noPrimary, noRouter, quorumNote } from '../sentences.js';
import { startStep } from '../start.js';
import { onMember } from '../target.js';

/**
 * A member begins empty, and is copied to by the set itself; a new shard is a set of its own from clones of the pristine
 * directory; a router has nothing.
 * @throws ConflictError when there is no primary, config server or router that could take newcomers in.
 */
export async function grow(request: GrowRequest): Promise<Joining> {
  const { setting, before, newcomers } = request;
  const finish = {
    sequence: [
      routersPlan(setting, before, setting.cluster),
      { parallel: newcomers.map((node) => loginStep(setting, node)) },
    ],
  };
  const group = newcomers[0]?.group ?? null;
  if (group === ROUTERS) return growRouters(request, finish);
  const there = before.nodes.some((node) => node.group === group);
  if (!there) return growShard(request, finish);
  const up = request.running.filter((node) => node.group === group);
  return growSet(request, await askMembers(setting, up), finish);
}

function growRouters({ setting, newcomers, running }: GrowRequest, finish: Plan): Joining {
  assertConfigServers(setting, newcomers, running);
  return {
    notes: [`${namesOf(newcomers)}: a router has no data, and asks the config servers.`],
    beginsAs: () => 'empty',
    join: {
      title: `start ${namesOf(newcomers)}`,
      sequence: [{ parallel: newcomers.map((node) => routerPlan(setting, node)) }],
    },
    finish,
  };
}

function growShard({ setting, before, newcomers, running }: GrowRequest, finish: Plan): Joining {
  const shard = partOf(setting, newcomers);
  const router = running.find(({ group }) => group === ROUTERS);
  if (router === undefined) throw noRouter(before.name, `nobody could add ${shard.name}`);
  return {
    notes: [
      `${shard.name}: a set of its own, from clones of the pristine directory: it has nothing to get, and the balancer moves chunks to it.`,
    ],
    beginsAs: () => 'pristine',
    join: {
      title: `start ${namesOf(newcomers)}, and let them form ${shard.name}`,
      sequence: [formPlan(setting, shard), settlePlan(setting, shard, settingsOf(setting.cluster).auth)],
    },
    finish: { sequence: [addShardStep(setting, router, shard), finish] },
  };
}

/** The set of those that come, with them. */
function partOf({ cluster }: Setting, [first]: readonly Node[]): ReplicaSet {
  const set = first === undefined ? null : setOfNode(cluster, first);
  if (set === null) throw new Error('nobody comes to a set');
  return set;
}

/** Into a set that is there, out of what its members say that answer, by name. */
export function growSet(request: GrowRequest, members: ReadonlyMap<string, Member>, finish: Plan): Joining {
  const { setting, newcomers } = request;
  const whole = partOf(setting, newcomers);
  const up = request.running.filter(({ group }) => group === whole.group);
  if (primaryAmong(up, members) === undefined)
    throw noPrimary(setting.cluster.name, whole.name, 'nobody could take newcomers in');
  // Who does not answer is not asked again and again.
  const set = { ...whole, members: up.filter(({ name }) => members.has(name)) };
  const settings = taggedSettings(setting.cluster);
  const voters = votersOf(settings, whole.members);
  const entries = newcomers.map((node) =>
    entryOf(node, settings, voters.has(node.name), serverOf(setting, node).build),
  );
  const arbiters = newcomers.filter(({ role }) => role === 'arbiter');
  return {
    notes: notesOf(whole, newcomers, voters),
    beginsAs: () => 'empty',
    join: {
      title: `start ${namesOf(newcomers)}, and let ${whole.name} take them in`,
      sequence: [
        { parallel: newcomers.map((node) => startStep(setting, node)) },
        ...(arbiters.length === 0 ? [] : [writeConcernStep(request, set)]),
        takeInStep(setting, set, newcomers, entries.map(withoutVote)),
        reachStep(setting, set, newcomers),
      ],
    },
    finish: { sequence: [votesStep(setting, set, newcomers, entries), finish] },
  };
}

/** An arbiter does nothing but vote. */
function withoutVote(entry: ReturnType<typeof entryOf>) {
  return entry.arbiterOnly === true ? entry : { ...entry, votes: 0, priority: 0 };
}

function notesOf(set: ReplicaSet, newcomers: readonly Node[], voters: ReadonlySet<string>): readonly string[] {
  const arbiters = newcomers.filter(({ role }) => role === 'arbiter');
  const others = newcomers.filter(({ role }) => role !== 'arbiter');
  const silent = others.filter(({ name }) => !voters.has(name));
  return [
    ...(arbiters.length === 0 ? [] : [`${namesOf(arbiters)}: an arbiter holds no data.`]),
    ...(others.length === 0
      ? []
      : [
          `${namesOf(others)}: a copy of all data into an empty directory (initial sync), the one way that MongoDB has for a new member; without a vote until it is SECONDARY.`,
        ]),
    ...(silent.length === 0 ? [] : [`${namesOf(silent)} will not vote: seven members do.`]),
    quorumNote(set.name, voters.size),
  ];
}

/** In a sharded cluster it is the routers' to say. */
function writeConcernStep({ setting, before, running }: GrowRequest, set: ReplicaSet): Step {
  const title = 'say the default write concern, unless somebody did';
  const what = 'from 5.0 on: getDefaultRWConcern; setDefaultRWConcern with w: majority';
  if (settingsOf(before).shards === null) {
    return askStep(title, set.first, `${what}, on the primary`, (context) =>
      onPrimary(context, setting, set, async (session, primary) => {
        await sayWriteConcern(session, serverOf(setting, primary).build);
        return null;
      }),
    );
  }
  const router = running.find(({ group }) => group === ROUTERS);
  if (router === undefined) throw noRouter(before.name, 'nobody could say the default write concern');
  return askStep(title, router, what, (context) =>
    onMember(context, setting, router, (session) => sayWriteConcern(session, serverOf(setting, router).build)),
  );
}

function takeInStep(
  setting: Setting,
  set: ReplicaSet,
  newcomers: readonly Node[],
  entries: readonly ReturnType<typeof entryOf>[],
): Step {
  return askStep(
    `let ${set.name} take in ${namesOf(newcomers)}`,
    set.first,
    `on the primary: replSetReconfig with ${JSON.stringify(entries)}`,
    async (context) => {
      await Promise.all(
        newcomers.map((node) =>
          onMember(context, setting, node, (session) => hello(session, serverOf(setting, node).build)),
        ),
      );
      await reconfigure(context, setting, set, withMembers(entries));
    },
  );
}

function votesStep(
  setting: Setting,
  set: ReplicaSet,
  newcomers: readonly Node[],
  entries: readonly ReturnType<typeof entryOf>[],
): Step {
  const said = entries.map(({ host, votes, priority }) => ({
    host: String(host),
    votes: Number(votes),
    priority: Number(priority),
  }));
  return askStep(
    `give ${namesOf(newcomers)} vote and priority`,
    set.first,
    `on the primary, one a replSetReconfig: ${JSON.stringify(said)}; they know it`,
    async (context) => {
      const version = await reconfigure(context, setting, set, withVotes(entries));
      await Promise.all(newcomers.map((node) => hasVersion(context, setting, node, version)));
    },
  );
}
