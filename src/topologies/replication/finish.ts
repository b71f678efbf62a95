import type { Node } from '../../cluster/cluster.js';
import type { Plan, Step } from '../../cluster/plan.js';
import { ask, rootAt } from '../../servers/mysqld/client.js';
import { formedStep } from '../../servers/mysqld/forming.js';
import { waitUntil } from '../../servers/wait.js';
import { answersOf } from '../ask-nodes.js';
import { askStep } from '../ask-step.js';
import { mysqldLogins } from '../mysqld-logins.js';
import type { Setting } from '../topology.js';
import { arrivalStep } from './arrival.js';
import { isSource } from './config.js';
import { askStates } from './health.js';
import { onNode, wordsFor } from './nodes.js';
import { isReadOnly, settingsOf } from './settings.js';
import { linksOf } from './shapes.js';
import { acknowledging, askState, type NodeState } from './state.js';

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
      mysqldLogins(setting),
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

/** Its commits wait for replicas from now on; not before all that replicate from it are known to it as such. */
export function semiSyncStep(setting: Setting, node: Node): Step {
  const words = wordsFor(setting, node);
  const statement = `SET GLOBAL ${words.semiSync.source}_enabled = ON`;
  return askStep(`turn semi-sync on on ${node.name}`, node, statement, async (context) => {
    await onNode(node, async (session) => {
      await session.query(statement);
      await waitUntil(context, async () => {
        const replicas = await countReplicas(setting, node);
        const { semiSync } = await askState(session, words);
        return acknowledging(semiSync) >= replicas ? null : `${node.name} says of semi-sync: ${semiSync ?? 'nothing'}`;
      });
    });
  });
}

/** How many receive from a node now. */
async function countReplicas({ machine, cluster }: Setting, { name, address }: Node): Promise<number> {
  const { sources } = settingsOf(cluster);
  const nodes = cluster.nodes.filter((node) => sources[node.name]?.includes(name));
  const states = answersOf(await askStates(machine, nodes, 2000));
  const receives = ({ channels }: NodeState) =>
    channels.some((own) => own.address === address && own.receiver === 'Yes');
  return [...states.values()].filter(receives).length;
}

/** Sets a global variable. */
export function setStep(node: Node, assignment: string): Step {
  const statement = `SET GLOBAL ${assignment}`;
  return askStep(`set ${assignment} on ${node.name}`, node, statement, async () => {
    await ask(rootAt(node.socket), 5000, (session) => session.query(statement));
  });
}
