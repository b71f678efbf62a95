import { namesOf, wantedNodes, type Node } from '../../cluster/cluster.js';
import type { Plan, Step } from '../../cluster/plan.js';
import { listens } from '../../servers/listens.js';
import { ask, rootAt } from '../../servers/mysqld/client.js';
import type { Life } from '../recovery.js';
import { serverOf, type Setting } from '../setting.js';
import { meetingStep, setPeriods } from './finish.js';
import { goneStep } from './gone.js';
import { lastingOptions, leavingOptions, partingOptions } from './provider-options.js';
import { recover } from './recover.js';
import { endDonations, endTransfer } from './transfer.js';

export const life: Life = {
  /**
   * All at once where nobody stays: then nobody sees another leave, which would take a number of the history, so all
   * directories end at one position and start without a transfer. One after another where somebody stays: of several who
   * leave at once it could not tell that they leave in order, and would fall out of the primary component (measured).
   */
  stopOrder: (cluster) => (wantedNodes(cluster).length === 0 ? [cluster.nodes] : cluster.nodes.map((node) => [node])),
  beforeStop,
  afterStop,
  // All are alike.
  anew: (cluster) => cluster,
  // Whoever was cut off joins again by itself.
  isPutOut: () => false,
  recover,
};

/** At Galera's own periods those that stay could not write for a second or more whenever one leaves. */
function beforeStop(setting: Setting, node: Node): Plan | null {
  const staying = wantedNodes(setting.cluster);
  const end = endSoonStep(setting, node);
  if (staying.length === 0) return end;
  return { sequence: [{ parallel: [...staying, node].map((one) => meetingStep(setting, one, true)) }, end] };
}

function afterStop(setting: Setting, ended: readonly Node[]): Plan | null {
  const staying = wantedNodes(setting.cluster);
  if (staying.length === 0) return null;
  return {
    sequence: [
      donationsStep(setting, staying, ended),
      goneStep(staying, ended),
      { parallel: staying.map((node) => meetingStep(setting, node, false)) },
    ],
  };
}

function donationsStep({ machine }: Setting, staying: readonly Node[], ended: readonly Node[]): Step {
  return {
    step: `let nobody send data to ${namesOf(ended)} any more`,
    acts: [
      {
        do: 'ask',
        what: `the processes of ${namesOf(staying)}: end those of a transfer to there`,
        ask() {
          endDonations(machine, staying, ended);
          return Promise.resolve();
        },
      },
    ],
  };
}

function endSoonStep(setting: Setting, node: Node): Step {
  const { cluster } = setting;
  const lasting = lastingOptions(cluster, node);
  const stays = wantedNodes(cluster).length > 0;
  const periods = stays ? partingOptions(lasting, cluster.nodes.length) : leavingOptions(lasting);
  // It would wait ten seconds for proxies to look elsewhere.
  const waits = serverOf(setting, node).build.dialect === 'pxc';
  const words = [
    ...(waits ? ['pxc_maint_transition_period = 0'] : []),
    ...[...periods].map(([name, seconds]) => `${name} of ${seconds} s`),
  ];
  return {
    step: `let ${node.name} end soon`,
    acts: [
      {
        do: 'ask',
        what: `${node.name} over its socket: ${words.join(', ') || 'nothing'}; one that still takes data over: end its script`,
        ask: async ({ signal }) => {
          if (!(await listens(node.socket))) {
            await endTransfer(setting.machine, node, signal);
            return;
          }
          await ask(rootAt(node.socket), 2000, async (session) => {
            if (waits) await session.query('SET GLOBAL pxc_maint_transition_period = 0');
            await setPeriods(session, periods);
          });
        },
      },
    ],
  };
}
