import { namesOf, type Cluster, type Node } from '../../../cluster/cluster.js';
import type { Plan, Step } from '../../../cluster/plan.js';
import { ConflictError } from '../../../errors/errors.js';
import { loginStep } from '../../../servers/mysqld/accounts.js';
import type { GrowRequest, Joining } from '../../growth.js';
import type { Setting } from '../../setting.js';
import { formed, meetingStep } from '../finish.js';
import { joins } from '../formation.js';
import { membersSteps } from './members.js';
import { readState } from '../position.js';
import { sstMethodOf } from '../sst.js';
import { primaryOf, statusOf, type Status } from '../status.js';
import { versionsIn } from '../versions.js';
import { wayOf, type Way } from './way.js';

/** Newcomers join those that run in a primary component, some at a time. */
export async function grow(request: GrowRequest): Promise<Joining> {
  const { setting, newcomers, running } = request;
  assertOneVersion(setting.cluster);
  const said = await statusOf(setting, running);
  const primary = primaryOf(running, said);
  assertSomebody(request, primary);
  const ways = waysOf(
    request,
    primary.flatMap(({ name }) => said.get(name) ?? []),
  );
  const beginsAs = ({ name }: Node) => ways.get(name)?.beginsAs ?? 'empty';
  const empty = newcomers.filter((node) => beginsAs(node) === 'empty');
  const starts = newcomers.map((node) => ({ node, position: null }));
  return {
    notes: [...ways.values()].map(({ note }) => note),
    beginsAs,
    join: {
      title: `join ${namesOf(newcomers)}`,
      sequence: [
        ...(await certificates(setting, primary, empty)),
        { parallel: primary.map((node) => meetingStep(setting, node, true)) },
        ...joins(setting, primary, starts),
      ],
    },
    finish: finishPlan(request, primary),
  };
}

function waysOf({ setting, newcomers, pristines }: GrowRequest, donors: readonly Status[]) {
  const { machine, cluster } = setting;
  return new Map(
    newcomers.map((node): [string, Way] => {
      const directory = pristines.get(node.name);
      const state = directory === undefined ? null : machine.files.read(`${directory}/data/grastate.dat`);
      return [node.name, wayOf(node.name, readState(state ?? ''), donors, sstMethodOf(cluster, node))];
    }),
  );
}

/** Whoever gives all data away may be of a newer version than who takes them. */
function assertOneVersion(cluster: Cluster): void {
  const versions = versionsIn(cluster);
  if (versions.length < 2) return;
  throw new ConflictError(
    `'${cluster.name}' has nodes of ${versions.join(' and ')}, and no node takes data over from a newer one: all must have one version first.`,
    { suggestions: [`dbns upgrade ${cluster.name} --image IMAGE`] },
  );
}

function assertSomebody({ before, running }: GrowRequest, primary: readonly Node[]): void {
  if (primary.length > 0) return;
  const { name } = before;
  if (running.length === 0)
    throw new ConflictError(`No node of '${name}' runs: there is nobody to join.`, {
      suggestions: [`dbns start ${name}`],
    });
  throw new ConflictError(
    `${namesOf(running)} of '${name}' run${running.length === 1 ? 's' : ''} in no primary component: nobody can join.`,
    {
      suggestions: [`dbns start ${name}`, `or, if nodes are gone for good: dbns stop ${name}, then dbns start ${name}`],
    },
  );
}

/** No transfer brings them: what a pristine directory has of its own, and all nodes have alike. */
async function certificates(
  { machine }: Setting,
  [donor]: readonly Node[],
  empty: readonly Node[],
): Promise<readonly Step[]> {
  const data = `${donor?.directory ?? ''}/data`;
  const files = (await machine.files.list(data)).filter(({ name }) => name.endsWith('.pem'));
  if (files.length === 0) return [];
  const sources = files.map(({ name }) => `${data}/${name}`);
  return empty.map(({ name, directory }) => ({
    step: `give ${name} the certificates of ${donor?.name ?? ''}`,
    acts: [{ do: 'run', argv: ['cp', '-a', '--', ...sources, `${directory}/data/`] }],
  }));
}

function finishPlan({ setting, before, newcomers }: GrowRequest, primary: readonly Node[]): Plan {
  const come = newcomers.map(({ address }) => address);
  return {
    title: 'let the others know of them, and ask them at their addresses',
    sequence: [
      {
        parallel: [
          ...membersSteps(setting.machine, before.nodes, { come }),
          ...primary.map((node) => meetingStep(setting, node, false)),
          formed(setting, newcomers, newcomers),
        ],
      },
      { parallel: newcomers.map((node) => loginStep(node, setting.password)) },
    ],
  };
}
