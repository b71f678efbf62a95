import type { Node, ServerOption } from '../../cluster/cluster.js';
import { UsageError } from '../../errors/errors.js';
import { ask } from '../../servers/mongod/client.js';
import { assertOptions, optionWords } from '../../servers/mongod/options.js';
import { askNodes } from '../ask-nodes.js';
import type { OptionNow, Options, Told } from '../options.js';
import type { Setting } from '../setting.js';
import { targetOf } from './target.js';

/** They stand on a member's command line, which is made of what is saved: there is no file to write. */
export const options: Options = {
  ask: (asked, nodes, timeout) =>
    askNodes(nodes, (node) =>
      ask(targetOf(asked, node), timeout, async (session) => {
        const { parsed } = await session.admin({ getCmdLineOpts: 1 });
        return flattened(parsed).map(nowOf);
      }),
    ),
  isOwn: (name) => OWN.test(name),
  idOf,
  // It names them otherwise than its command line does.
  isInForce: () => true,
  check(given) {
    assertOptions(given);
    const bare = given.find(({ key, value }) => key === PARAMETER && value !== null && !/^\w+=./.test(value));
    if (bare !== undefined) throw new UsageError(`${PARAMETER}=${bare.value ?? ''}: write ${PARAMETER}=NAME=VALUE.`);
  },
  // Its program says nothing without a start.
  refusal: () => Promise.resolve(null),
  configure: () => ({ sequence: [] }),
  tell: (setting, node, changes, timeout) =>
    ask(targetOf(setting, node), timeout, async (session) => {
      const told: Told[] = [];
      for (const change of changes) {
        const [name, value] = parameterIn(change);
        const why =
          name === null
            ? null
            : await session.admin({ setParameter: 1, [name]: typed(value) }).then(
                () => null,
                (error: unknown) => String(error),
              );
        const live = name !== null && why === null;
        told.push({
          id: idOf(change),
          outcome: live || (await isInForce(setting, node, session)) ? 'live' : 'restart',
          why,
        });
      }
      return told;
    }),
};

const PARAMETER = 'setParameter';
/** What dbns gives a member: where it is, and in which set. */
const OWN =
  /^(config|net\.|processManagement\.|systemLog\.|storage\.dbPath|replication\.replSetName|security\.|sharding\.)/;

/** `setParameter` is said once for each parameter. */
function idOf({ key, value }: Pick<ServerOption, 'key' | 'value'>): string {
  return key === PARAMETER && value !== null ? `${PARAMETER} ${value.split('=')[0] ?? ''}` : key;
}

function parameterIn({ key, value }: ServerOption): readonly [name: string | null, value: string] {
  const [, name, text] = /^(\w+)=(.+)$/.exec(value ?? '') ?? [];
  return key === PARAMETER && name !== undefined && text !== undefined ? [name, text] : [null, ''];
}

function typed(value: string): string | number | boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

/** Whether a member was started with the words that it would be started with now. */
async function isInForce(
  { cluster }: Setting,
  node: Node,
  session: Parameters<Parameters<typeof ask>[2]>[0],
): Promise<boolean> {
  const { argv } = await session.admin({ getCmdLineOpts: 1 });
  const words = (argv as readonly string[]).join('\n');
  return words.includes(optionWords(node.options, cluster.memory).join('\n'));
}

function nowOf([name, value]: readonly [string, unknown]): OptionNow {
  return { name, value: String(value), default: null, origin: 'parsed', isChanged: true };
}

/** `{ net: { port: 1 } }` → `net.port` and `1`. */
function flattened(value: unknown, head = ''): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[head, value]];
  return Object.entries(value).flatMap(([key, inner]) => flattened(inner, head === '' ? key : `${head}.${key}`));
}
