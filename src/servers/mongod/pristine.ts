import type { AskContext, Plan, Step } from '../../cluster/plan.js';
import type { ServerBuild } from '../../cluster/server.js';
import type { Machine } from '../../host/machine.js';
import { aloneArgv, layOutStep, startAloneStep, stripStep, whenEnded, whenListening } from '../pristine.js';
import { waitUntil } from '../wait.js';
import { ask, type Document, type Session } from './client.js';
import { hello } from './commands.js';

/** What the data directory of a member is made from. */
export interface MongodPristine {
  readonly server: ServerBuild;
  readonly rootMounts: readonly string[];
  /** Where it is made: gets `mongod.conf`, `data/`, `server.log`. */
  readonly directory: string;
  readonly config: string;
  /** Words of the user's, for every start. */
  readonly words: readonly string[];
  readonly replicaSet: string;
  readonly isConfigServer: boolean;
}

/**
 * The address that the set of a pristine directory has: link-local, so that it fits every subnet. The clone that has the
 * address is primary at once; one that gets a quick refusal from it waits for its configuration, and takes any.
 */
export const PRISTINE_ADDRESS = '169.254.27.17';
export const PORT = 27017;

/** WiredTiger's preallocated journal, which a clean shutdown leaves empty; and what belongs to the one process. */
const STRIP = [
  'journal/WiredTigerPreplog.0000000001',
  'journal/WiredTigerPreplog.0000000002',
  'mongod.lock',
  'diagnostic.data',
];

/** A set of one member is initiated on loopback; then, outside the set, it is told the address of all clones. */
export function mongodPristinePlan(machine: Machine, pristine: MongodPristine): Plan {
  const { directory, config, replicaSet, isConfigServer } = pristine;
  const inSet = ['--replSet', replicaSet, ...(isConfigServer ? ['--configsvr'] : [])];
  return {
    sequence: [
      layOutStep(machine, directory, { 'mongod.conf': config }),
      startAloneStep('start the server once, alone', directory, argvOf(machine, pristine, inSet)),
      askStep(directory, 'initiate a set of one member and shut down', `replSetInitiate of ${replicaSet}`, (context) =>
        initiate(context, directory, pristine),
      ),
      startAloneStep('start it outside its set', directory, argvOf(machine, pristine, [])),
      askStep(directory, 'give the member its address and shut down', `its address is ${PRISTINE_ADDRESS}`, () =>
        ask(targetIn(directory), PATIENCE, moveMember),
      ),
      stripStep(directory, STRIP),
    ],
  };
}

/** ms */
const PATIENCE = 60_000;

function argvOf(machine: Machine, pristine: MongodPristine, words: readonly string[]): readonly string[] {
  const { directory, server } = pristine;
  return aloneArgv(machine, pristine, [
    ...[server.programs.server ?? '', '--config', `${directory}/mongod.conf`],
    ...words,
    ...pristine.words,
  ]);
}

const socketIn = (directory: string) => `${directory}/run/mongodb-${PORT}.sock`;
const targetIn = (directory: string) => ({ at: socketIn(directory), account: null });

function askStep(directory: string, step: string, what: string, work: (context: AskContext) => Promise<void>): Step {
  const askAndShutDown = async (context: AskContext) => {
    await whenListening(context, socketIn(directory));
    await work(context);
    await ask(targetIn(directory), PATIENCE, shutDown);
    await whenEnded(context);
  };
  return { step, acts: [{ do: 'ask', what: `${what}, over the socket; then shutdown`, ask: askAndShutDown }] };
}

async function initiate(context: AskContext, directory: string, pristine: MongodPristine): Promise<void> {
  const config: Document = {
    _id: pristine.replicaSet,
    ...(pristine.isConfigServer && { configsvr: true }),
    members: [{ _id: 0, host: `127.0.0.1:${PORT}` }],
  };
  await ask(targetIn(directory), PATIENCE, async (session) => {
    await session.admin({ replSetInitiate: config });
    await waitUntil(context, async () =>
      (await hello(session, pristine.server)).isWritablePrimary ? null : 'the one member is not primary yet',
    );
  });
}

async function moveMember(session: Session): Promise<void> {
  const change = { $set: { 'members.0.host': `${PRISTINE_ADDRESS}:${PORT}` } };
  await session.db('local').collection('system.replset').updateOne({}, change);
}

/** It hangs up instead of answering. */
async function shutDown(session: Session): Promise<void> {
  await session.admin({ shutdown: 1, force: true, timeoutSecs: 0 }).catch(() => undefined);
}
