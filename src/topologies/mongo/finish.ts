import type { Node } from '../../cluster/cluster.js';
import type { AskContext, Plan, Step } from '../../cluster/plan.js';
import type { ServerBuild } from '../../cluster/server.js';
import { has } from '../../servers/mongod/capabilities.js';
import { ask, type Session } from '../../servers/mongod/client.js';
import { hello, replicaSetConfig } from '../../servers/mongod/commands.js';
import { ACCOUNT, accountOf } from '../../servers/mongod/connection.js';
import { PORT } from '../../servers/mongod/pristine.js';
import { waitUntil } from '../../servers/wait.js';
import { askStep } from '../ask-step.js';
import { serverOf, type Setting } from '../topology.js';
import { arrival, writeNote } from './arrival.js';
import { forgetAddressStep } from './formation.js';
import { askMember } from './member.js';
import { TIMINGS, routersOf, setText, setsOf, shardsOf, type ReplicaSet } from './replica-set.js';
import { settingsOf } from './settings.js';
import { onMember } from './target.js';

/** A write seen by every member, forming timings back at their defaults, shards added, every node asked at its address. */
export function finish(setting: Setting): Plan {
  const { cluster } = setting;
  const { auth, arbiters } = settingsOf(cluster);
  const sets = setsOf(cluster);
  const [router] = routersOf(cluster);
  return {
    title: 'send a write through, and ask every node at its address',
    sequence: [
      { parallel: sets.map((set) => settlePlan(setting, set, auth)) },
      ...(router === undefined
        ? []
        : [
            ...(arbiters > 0 ? [writeConcernStep(setting, router)] : []),
            ...shardsOf(cluster).map((shard) => addShardStep(setting, router, shard)),
          ]),
      logins(setting),
    ],
  };
}

/** A set that has just formed is as its users will find it. */
export function settlePlan(setting: Setting, set: ReplicaSet, auth: boolean): Plan {
  return {
    sequence: [
      ...(auth ? [accountStep(setting, set)] : []),
      arrivalStep(setting, set),
      timingsStep(setting, set),
      { parallel: set.members.map((node) => forgetAddressStep(set, node)) },
    ],
  };
}

/** Accounts of a sharded cluster are the config servers'; one on each shard lets people look at it by itself. */
function accountStep(setting: Setting, { first }: ReplicaSet): Step {
  return askStep(`make the account of ${first.name}`, first, `createUser ${ACCOUNT}, role root`, async (context) => {
    await onMember(context, setting, first, (session) =>
      session.admin({ createUser: ACCOUNT, pwd: setting.password, roles: ['root'], writeConcern: { w: 1 } }),
    );
  });
}

function arrivalStep(setting: Setting, set: ReplicaSet): Step {
  const { first, members, name } = set;
  return askStep(
    `see that a write on ${first.name} reaches every member of ${name}`,
    first,
    'appendOplogNote; every member over its socket: is it applied, or received where members are delayed?',
    async (context) => {
      const optime = await onMember(context, setting, first, writeNote);
      await Promise.all(members.map((node) => arrival(context, setting, node, optime)));
    },
  );
}

/** Elections and heartbeats as the server has them by default, told to every member. */
function timingsStep(setting: Setting, { first, members }: ReplicaSet): Step {
  const { standing } = TIMINGS;
  return askStep(
    `put the timings of ${first.name} and its set back`,
    first,
    `replSetReconfig ${JSON.stringify(standing)}; every member has it`,
    async (context) => {
      const version = await onMember(context, setting, first, async (session) => {
        const config = await replicaSetConfig(session);
        const next = Number(config.version) + 1;
        await session.admin({
          replSetReconfig: { ...config, version: next, settings: { ...(config.settings as object), ...standing } },
        });
        return next;
      });
      await Promise.all(members.map((node) => hasVersion(context, setting, node, version)));
    },
  );
}

/** Waits until a member knows a configuration. */
export async function hasVersion(context: AskContext, setting: Setting, node: Node, version: number): Promise<void> {
  await onMember(context, setting, node, (session) =>
    waitUntil(context, async () => {
      const { configVersion } = await askMember(session, node);
      return (configVersion ?? 0) >= version ? null : `${node.name} does not know the last configuration yet`;
    }),
  );
}

/** From 5.0 on a set with arbiters is no shard unless the cluster's write concern was said. */
function writeConcernStep(setting: Setting, router: Node): Step {
  return askStep('say the default write concern', router, JSON.stringify(WRITE_CONCERN), async (context) => {
    await onMember(context, setting, router, (session) => sayWriteConcern(session, serverOf(setting, router).build));
  });
}

/** What the server takes for said where there are no arbiters. */
const WRITE_CONCERN = { setDefaultRWConcern: 1, defaultWriteConcern: { w: 'majority' } };

/** Says the default write concern, where a server with arbiters wants it said and nobody did. */
export async function sayWriteConcern(session: Session, build: Pick<ServerBuild, 'version'>): Promise<void> {
  if (!has(build, 'implicitDefaultWriteConcern')) return;
  const { defaultWriteConcernSource } = await session.admin({ getDefaultRWConcern: 1 });
  if (defaultWriteConcernSource !== 'global') await session.admin(WRITE_CONCERN);
}

export function addShardStep(setting: Setting, router: Node, shard: ReplicaSet): Step {
  const command = { addShard: setText(shard), name: shard.name };
  return askStep(`add ${shard.name}`, router, JSON.stringify(command), async (context) => {
    await onMember(context, setting, router, (session) =>
      waitUntil(context, async () => {
        await session.admin(command);
        return null;
      }),
    );
  });
}

export function logins(setting: Setting): Plan {
  return { parallel: setting.cluster.nodes.map((node) => loginStep(setting, node)) };
}

/** As its users will: at its address, and as the cluster's account where the node can know it. */
export function loginStep(setting: Setting, node: Node): Step {
  const { auth } = settingsOf(setting.cluster);
  const account = auth && knowsAccounts(setting, node) ? accountOf(setting.password) : null;
  const target = { at: `${node.address}:${PORT}`, account };
  const greet = async (context: AskContext) => {
    await waitUntil(context, async () => {
      await ask(target, 2000, (session) => hello(session, serverOf(setting, node).build));
      return null;
    });
  };
  return {
    step: `log in on ${node.name} at its address`,
    acts: [
      {
        do: 'ask',
        what: `${node.name} at ${target.at}${account === null ? '' : ` as '${ACCOUNT}'`}: hello`,
        ask: greet,
      },
    ],
  };
}

/** An arbiter has no data, and a delayed member has it later. */
function knowsAccounts({ cluster }: Setting, { name, role }: Node): boolean {
  return role !== 'arbiter' && settingsOf(cluster).delays[name] === undefined;
}
