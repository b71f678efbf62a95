import type { Node } from '../../cluster/cluster.js';
import type { Plan, Step } from '../../cluster/plan.js';
import { loginStep } from '../../servers/mysqld/accounts.js';
import { ask, rootAt, type Session } from '../../servers/mysqld/client.js';
import { formedStep } from '../../servers/mysqld/forming.js';
import { waitUntil } from '../../servers/wait.js';
import { askStep } from '../ask-step.js';
import type { Setting } from '../topology.js';
import { isSource } from './config.js';
import { nodeNamed, wordsFor } from './nodes.js';
import { isReadOnly, settingsOf } from './settings.js';
import { linksOf, type Link } from './shapes.js';
import { askPosition, askState, hasReached } from './state.js';

/** A transaction of every primary seen everywhere, then what a standing cluster has and a forming one must not. */
export function finish(setting: Setting): Plan {
  const { nodes } = setting.cluster;
  const settings = settingsOf(setting.cluster);
  const readOnly = nodes.filter(({ name }) => isReadOnly(settings, name));
  const primaries = nodes.filter((node) => !readOnly.includes(node));
  const sources = nodes.filter(({ name }) => isSource(settings, name));
  return {
    title: 'send a transaction through, and ask every node at its address',
    sequence: [
      { parallel: primaries.map(probeStep) },
      // Those next to the primaries first: the others receive what these have applied.
      { sequence: linksOf(settings.sources).map((link) => arrivalStep(setting, link)) },
      { parallel: readOnly.map((node) => setStep(node, `${wordsFor(setting, node).readOnly} = ON`)) },
      ...(settings.semiSync ? [{ parallel: sources.map((node) => semiSyncStep(setting, node)) }] : []),
      { parallel: nodes.map(formedStep) },
      { parallel: nodes.map((node) => loginStep(node, setting.password)) },
    ],
  };
}

/** It is in the binary log, and changes nothing. */
const PROBE = 'DROP DATABASE IF EXISTS dbns_probe';

function probeStep(node: Node): Step {
  return askStep(`write a transaction on ${node.name}`, node, PROBE, async () => {
    await ask(rootAt(node.socket), 5000, (session) => session.query(PROBE));
  });
}

export function arrivalStep(setting: Setting, { replica, source, channel }: Link): Step {
  const [to, from] = [nodeNamed(setting, replica), nodeNamed(setting, source)];
  const { gtid, delays } = settingsOf(setting.cluster);
  const how = delays[replica] === undefined ? 'applied' : 'received';
  return askStep(
    `see that ${replica} has ${how} it from ${source}`,
    to,
    `both threads run, and all that ${source} has is ${how}`,
    async (context) => {
      const position = await ask(rootAt(from.socket), 5000, (session) =>
        askPosition(session, wordsFor(setting, from), gtid),
      );
      await onOneSession(to, async (session) => {
        await waitUntil(context, async () => {
          const state = await askState(session, wordsFor(setting, to));
          const own = state.channels.find((candidate) => candidate.channel === channel);
          if (own === undefined) return `${replica} has no channel '${channel}'`;
          if (own.error !== null) return `${replica} says: ${own.error}`;
          if (own.receiver !== 'Yes' || own.applier !== 'Yes') {
            return `${replica} says that its receiver runs: ${own.receiver}, and its applier: ${own.applier}`;
          }
          return hasReached(state, own, position, how) ? null : `${replica} has not ${how} all of ${source} yet`;
        });
      });
    },
  );
}

async function onOneSession(node: Node, work: (session: Session) => Promise<void>): Promise<void> {
  await ask(rootAt(node.socket), 2 ** 31 - 1, work);
}

export function semiSyncStep(setting: Setting, node: Node): Step {
  const { semiSync } = wordsFor(setting, node);
  const { sources } = settingsOf(setting.cluster);
  const replicas = Object.values(sources).filter((from) => from.includes(node.name)).length;
  const statement = `SET GLOBAL ${semiSync.source}_enabled = ON`;
  return askStep(`turn semi-sync on on ${node.name}`, node, statement, async (context) => {
    await onOneSession(node, async (session) => {
      await session.query(statement);
      await waitUntil(context, async () => {
        const state = await askState(session, wordsFor(setting, node));
        const wanted = `source, ${replicas} replicas`;
        return state.semiSync === wanted ? null : `${node.name} says of semi-sync: ${state.semiSync ?? 'nothing'}`;
      });
    });
  });
}

/** Sets a global variable. */
function setStep(node: Node, assignment: string): Step {
  const statement = `SET GLOBAL ${assignment}`;
  return askStep(`set ${assignment} on ${node.name}`, node, statement, async () => {
    await ask(rootAt(node.socket), 5000, (session) => session.query(statement));
  });
}
