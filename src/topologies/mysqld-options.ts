import type { Node, ServerOption } from '../cluster/cluster.js';
import type { Plan } from '../cluster/plan.js';
import { readTitle } from '../cluster/server.js';
import type { Machine } from '../host/machine.js';
import { ask, rootAt, type Session } from '../servers/mysqld/client.js';
import { configStep } from '../servers/mysqld/config.js';
import { familyOf } from '../servers/mysqld/dialects.js';
import { valueIn, withOptions } from '../servers/mysqld/option-block.js';
import { assertLater, assertOptions, isOwn, optionName, type Needs } from '../servers/mysqld/options.js';
import { isOwnFile } from '../servers/mysqld/own-files.js';
import { refusalOf } from '../servers/mysqld/validate.js';
import { askVariable, askVariables, assign, isSameValue, variableName } from '../servers/mysqld/variables.js';
import { endFile } from '../servers/start.js';
import { askNodes } from './ask-nodes.js';
import type { Options, Told } from './options.js';
import { serverOf, type Setting } from './setting.js';

/** What a topology has of its own. */
interface Own {
  readonly needs?: Needs;
  /** @throws UsageError */
  readonly check?: (options: readonly ServerOption[]) => void;
  /** The line of a my.cnf that a topology makes of an option itself: name → line; null for all others. */
  readonly lineOf?: (setting: Setting, node: Node, name: string) => string | null;
  /** Whether such an option is in force; null for all others. */
  readonly isInForce?: (given: ServerOption, now: string) => boolean | null;
}

/** `Options` of all whose servers are of MySQL's family. */
export function mysqldOptions({ needs, check, lineOf = () => null, isInForce = () => null }: Own = {}): Options {
  return {
    ask: ({ machine }, nodes, timeout) =>
      askNodes(nodes, (node) =>
        ask(rootAt(machine.reach(node.socket)), timeout, (session) =>
          askVariables(session, familyOf(readTitle(node.server))),
        ),
      ),
    isOwn,
    idOf: ({ key }) => optionName(key),
    // One that is no variable shows nowhere; a file has another name where the server sees it.
    isInForce: (given, now) =>
      given.value === null ||
      now?.value === undefined ||
      isOwnFile(given) ||
      (isInForce(given, now.value ?? '') ?? isSameValue(given.value, now.value)),
    check(options) {
      assertOptions(options, needs);
      assertLater(options);
      check?.(options);
    },
    async refusal(setting, node, options) {
      const theirs = options.filter(({ key }) => lineOf(setting, node, optionName(key)) === null);
      return refusalOf(setting.machine, serverOf(setting, node), theirs, await knownOn(node, theirs));
    },
    configure: (setting, node, changed) => configure(setting, node, changed, lineOf),
    tell: (setting, node, changes, timeout) => {
      const config = configOf(setting.machine, node);
      return ask(rootAt(node.socket), timeout, async (session) => {
        const told: Told[] = [];
        for (const change of changes) told.push(await tellOne(session, { setting, node, config }, change));
        return told;
      });
    },
  };
}

function configOf({ files }: Machine, { directory }: Node): string {
  return files.read(`${directory}/my.cnf`) ?? '';
}

/** Which of the options a server that runs has, perhaps by a plugin; none of one that does not answer. */
async function knownOn({ socket, server }: Node, options: readonly ServerOption[]): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  await ask(rootAt(socket), 5000, async (session) => {
    const names = new Set((await askVariables(session, familyOf(readTitle(server)))).map(({ name }) => name));
    for (const { key } of options) if (names.has(variableName(key))) known.add(key);
  }).catch(() => undefined);
  return known;
}

function configure(
  setting: Setting,
  node: Node,
  changed: ReadonlySet<string>,
  lineOf: NonNullable<Own['lineOf']>,
): Plan {
  const present = configOf(setting.machine, node);
  const isGiven = ({ key }: ServerOption) => lineOf(setting, node, optionName(key)) === null;
  const given = withOptions(present, node.options.filter(isGiven), changed);
  const content = [...changed].reduce((config, name) => {
    const line = lineOf(setting, node, name);
    return line === null ? config : config.replace(new RegExp(`^${name}\\s*=.*$`, 'm'), () => line);
  }, given);
  // A file that is as it was tells that nothing has changed since its server started.
  return content === present ? { sequence: [] } : configStep(node, content);
}

interface Place {
  readonly setting: Setting;
  readonly node: Node;
  /** The my.cnf, as the next start reads it. */
  readonly config: string;
}

/** What was taken back is what the rest of the my.cnf says, or the server's default. */
async function tellOne(session: Session, place: Place, { key, value }: ServerOption): Promise<Told> {
  const id = optionName(key);
  const wanted = value ?? valueIn(place.config, id);
  const assigned = await assign(session, key, wanted);
  if (assigned.is === 'set') return { id, outcome: 'live', why: null };
  if (assigned.is === 'refused') return { id, outcome: 'refused', why: assigned.why };
  const now = await askVariable(session, familyOf(readTitle(place.node.server)), key);
  const inForce = wanted === null ? now?.isChanged === false : isSameValue(wanted, now?.value ?? null);
  return inForce || !isNewer(place)
    ? { id, outcome: 'live', why: null }
    : { id, outcome: 'restart', why: assigned.why };
}

/** Whether the my.cnf was written since the server started, which notes that. */
function isNewer({ setting: { machine }, node }: Place): boolean {
  const written = machine.files.stat(`${node.directory}/my.cnf`)?.mtimeMs ?? 0;
  return written > (machine.files.stat(endFile(node))?.mtimeMs ?? 0);
}
