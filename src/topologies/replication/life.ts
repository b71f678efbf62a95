import type { Cluster, Node } from '../../cluster/cluster.js';
import type { Plan } from '../../cluster/plan.js';
import { UsageError } from '../../errors/errors.js';
import { loginStep } from '../../servers/mysqld/accounts.js';
import { ask, rootAt } from '../../servers/mysqld/client.js';
import { formedStep, isForming } from '../../servers/mysqld/forming.js';
import { askStep } from '../ask-step.js';
import type { Life, Recovery, RecoveryRequest } from '../recovery.js';
import type { Setting } from '../topology.js';
import { anew } from './anew.js';
import { isSource } from './config.js';
import { semiSyncStep } from './finish.js';
import { start } from './formation.js';
import { wordsFor } from './nodes.js';
import { caughtUpStep, reconnectStep } from './return.js';
import { isReadOnly, roleIn, settingsOf } from './settings.js';
import { MANY_WRITERS, endsFirst, linksOf, type Link } from './shapes.js';

export const life: Life = {
  stopOrder,
  beforeStop,
  afterStop: () => null,
  anew,
  isPutOut: () => false,
  recover: async (request) => Promise.resolve(recover(request)),
};

/** Who writes goes last, so that all others have what it had; where all write nobody is last. */
function stopOrder(cluster: Cluster): readonly (readonly Node[])[] {
  const { shape, sources } = settingsOf(cluster);
  if (MANY_WRITERS.has(shape)) return [cluster.nodes];
  return endsFirst(sources).map((names) => cluster.nodes.filter(({ name }) => names.includes(name)));
}

/**
 * A MySQL that shuts down gives its dump threads nine seconds, be their replicas gone or there, or removed; and a replica
 * whose thread is killed is back in milliseconds. So nobody is let in any more, which lasts as long as the server. What was
 * not sent is sent when both are back.
 */
function beforeStop(setting: Setting, node: Node): Plan | null {
  if (wordsFor(setting, node).family !== 'mysql') return null;
  const statement = 'SET GLOBAL offline_mode = ON';
  return askStep(`end the dump threads of ${node.name}`, node, statement, async ({ deadline }) => {
    const timeout = Math.max(1, Math.min(2000, deadline - Date.now()));
    await ask(rootAt(node.socket), timeout, (session) => session.query(statement));
  });
}

/** All start at once, each as what the last promote made it. */
function recover({ setting, starting, running, bootstrap }: RecoveryRequest): Recovery {
  if (bootstrap !== null) {
    throw new UsageError('Who is the primary is saved, and nobody has to begin: replication knows no --bootstrap.', {
      suggestions: [`dbns promote ${setting.cluster.name} ${bootstrap.name}`],
    });
  }
  const fresh = [...starting, ...running.filter((node) => isForming(setting.machine, node))];
  const links = linksOf(settingsOf(setting.cluster).sources);
  const here = linksAmong(links, [...starting, ...running]);
  const touched = here.filter(({ replica, source }) => fresh.some(({ name }) => name === replica || name === source));
  return {
    notes: notesOf(setting, starting, here),
    ways:
      fresh.length === 0
        ? []
        : [{ title: 'as they were', plan: planOf(setting, starting, fresh, touched), patience: null }],
    finish: finish(setting, fresh, [...starting, ...running]),
  };
}

function linksAmong(links: readonly Link[], nodes: readonly Node[]): readonly Link[] {
  const names = new Set(nodes.map(({ name }) => name));
  return links.filter(({ replica, source }) => names.has(replica) && names.has(source));
}

/** What each is going to be. */
function notesOf({ cluster }: Setting, starting: readonly Node[], here: readonly Link[]): readonly string[] {
  const settings = settingsOf(cluster);
  return starting.map(({ name }) => {
    const sources = settings.sources[name] ?? [];
    if (sources.length === 0) {
      return isReadOnly(settings, name)
        ? `${name} comes back as a replica that has no source: promote a node.`
        : `${name} comes back as a primary.`;
    }
    const away = sources.filter((source) => !here.some((link) => link.replica === name && link.source === source));
    const waits = away.length === 0 ? '' : `, and waits for ${away.join(', ')}`;
    return `${name} comes back as a ${roleIn(settings, name)} that replicates from ${sources.join(', ')}${waits}.`;
  });
}

/** `fresh` are those that start, and those that an earlier start was killed with. */
function planOf(setting: Setting, starting: readonly Node[], fresh: readonly Node[], links: readonly Link[]): Plan {
  const started = ({ replica }: Link) => fresh.some(({ name }) => name === replica);
  return {
    title: `start ${starting.length} ${starting.length === 1 ? 'node' : 'nodes'}, and let replicas catch up`,
    sequence: [
      { parallel: starting.map((node) => start(setting, node, 'as configured')) },
      { parallel: links.map((link) => reconnectStep(setting, link, started(link))) },
      // Those next to the primaries first: the others receive what these have applied.
      { sequence: links.map((link) => caughtUpStep(setting, link)) },
    ],
  };
}

/** Commits wait for replicas when these are back, and not before. */
function finish(setting: Setting, fresh: readonly Node[], nodes: readonly Node[]): Plan {
  const settings = settingsOf(setting.cluster);
  const sources = fresh.filter(({ name }) => isSource(settings, name));
  return {
    title: 'ask every node that was started at its address',
    sequence: [
      { parallel: fresh.map((node) => loginStep(node, setting.password)) },
      ...(settings.semiSync ? [{ parallel: sources.map((node) => semiSyncStep(setting, node)) }] : []),
      { parallel: nodes.map(formedStep) },
    ],
  };
}
