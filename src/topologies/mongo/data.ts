import type { Node } from '../../cluster/cluster.js';
import { UsageError } from '../../errors/errors.js';
import { CLIENT_FILE, type DataProgram } from '../../servers/kind.js';
import { ask } from '../../servers/mongod/client.js';
import { fillShop } from '../../servers/mongod/shop.js';
import type { Data } from '../data.js';
import { serverOf, type Setting } from '../setting.js';
import { reachStep } from './arrival.js';
import { connection } from './connection.js';
import { setsOf } from './replica-set.js';
import { onMember, targetOf } from './target.js';

/** By archives of mongodump, with MongoDB's own tools: of the image, or else of the machine. */
export const data: Data = {
  loader(setting, node, { directory, database }) {
    if (directory !== null) {
      throw new UsageError(`${directory} is a directory: a mongo cluster takes what mongodump --archive writes.`);
    }
    const only = database === null ? [] : [`--nsInclude=${database}.*`];
    return tool(setting, node, 'restore', [...OTHERS_OWN, ...only]);
  },
  adapt: (head) => ({ text: head, leftOut: [] }),
  readRefusal: (said) => ({
    ...{ line: null, number: null, isLost: false },
    words: /Failed: (.*)$/m.exec(said)?.[1] ?? said.trim().split('\n').at(-1) ?? '',
  }),
  meanings: [],
  async sample(setting, node, context) {
    await onMember(context, setting, node, fillShop);
  },
  arrival(setting, _at, nodes) {
    const names = new Set(nodes.map(({ name }) => name));
    const plan = setsOf(setting.cluster).flatMap((set) => {
      const members = set.members.filter(({ name }) => names.has(name));
      return members.length === 0 ? [] : [reachStep(setting, set, members)];
    });
    return { plan: { parallel: plan }, beyond: [] };
  },
  doubts: () => Promise.resolve([]),
  whole: ({ nodes }) => nodes,
  async databases(setting, node) {
    const { databases } = await ask(targetOf(setting, node), ANSWER, (session) =>
      session.admin({ listDatabases: 1, nameOnly: true }),
    );
    const names = (databases as readonly { readonly name: string }[]).map(({ name }) => name);
    return names.filter((name) => !SYSTEM.includes(name));
  },
  dumper(setting, node, databases, isAll) {
    const [first, ...others] = databases;
    if (!isAll && others.length > 0) throw new UsageError('mongodump dumps one database, or all: name one.');
    return tool(setting, node, 'dump', isAll ? [] : [`--db=${first ?? ''}`]);
  },
};

/** ms */
const ANSWER = 30_000;
const SYSTEM = ['admin', 'config', 'local'];

/** Accounts and routes that are of the cluster that was dumped. */
const OTHERS_OWN = ['--nsExclude=admin.*', '--nsExclude=config.*'];

function tool(setting: Setting, node: Node, role: 'restore' | 'dump', words: readonly string[]): DataProgram {
  const { cluster, password } = setting;
  const own = serverOf(setting, node).build.programs[role];
  const door = {
    node,
    named: false,
    proxied: false,
    verifiable: true,
    role: role === 'dump' ? 'any' : 'primary',
    nodes: [node],
  } as const;
  const { uri } = connection(cluster, door, { password, database: null });
  return {
    at: own === undefined ? 'machine' : 'network',
    argv: [own ?? `mongo${role}`, '--config', CLIENT_FILE, '--archive', ...words],
    file: `uri: ${JSON.stringify(uri)}\n`,
  };
}
