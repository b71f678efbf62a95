import * as v from 'valibot';
import { MARK_FILES } from '../../cluster/resource.js';
import { ofKind } from '../../cluster/schemas.js';
import type { Machine } from '../../host/machine.js';
import { markedPorts } from '../../network/lan/open-vswitch.js';
import type { Thing } from './things.js';

/** Everything on the machine that is named or marked as things of clusters are. Without root, nft and Open vSwitch show nothing. */
export async function findThings(machine: Machine): Promise<readonly Thing[]> {
  const found = await Promise.all([
    findDirectories(machine),
    findLinks(machine),
    findNamespaces(machine),
    machine.isRoot ? findInFirewall(machine) : [],
    machine.isRoot ? findPorts(machine) : [],
  ]);
  return found.flat();
}

/** In link aliases and nft comments; in files on a line, that may be a comment. */
const MARK = /^(?:# )?dbns:([0-9a-f]{8})(?: |$)/m;

/** The id of the cluster whose mark it is. */
function markIn(text: string | null | undefined): string | null {
  return MARK.exec(text ?? '')?.[1] ?? null;
}

async function findDirectories(machine: Machine): Promise<readonly Thing[]> {
  const { run, netnsEtc } = machine.roots;
  const [ofSockets, ofNamespaces] = await Promise.all([machine.files.list(run), machine.files.list(netnsEtc)]);
  const paths = [
    ...ofSockets.map(({ name }) => `${run}/${name}`),
    ...ofNamespaces.filter(({ name }) => name.startsWith('dbns-')).map(({ name }) => `${netnsEtc}/${name}`),
  ];
  return paths.map((path) => ({ kind: 'directory', path, id: markOn(machine, path) }));
}

function markOn(machine: Machine, directory: string): string | null {
  const marks = MARK_FILES.map((file) => markIn(machine.files.read(`${directory}/${file}`)));
  return marks.find((mark) => mark !== null) ?? null;
}

async function findNamespaces(machine: Machine): Promise<readonly Thing[]> {
  const entries = await machine.files.list(machine.roots.netns);
  const names = entries.map(({ name }) => name).filter((name) => name.startsWith('dbns-'));
  return names.map((name) => ({ kind: 'namespace', name, id: markOn(machine, `${machine.roots.netnsEtc}/${name}`) }));
}

async function findLinks(machine: Machine): Promise<readonly Thing[]> {
  const { stdout } = await machine.run(['ip', '-json', 'link', 'show']);
  return readLinks(stdout);
}

async function findPorts(machine: Machine): Promise<readonly Thing[]> {
  return (await markedPorts(machine)).map(({ name, id }) => ({ kind: 'port', name, id }));
}

const LINK = v.object({ ifname: v.string(), group: v.optional(v.string(), ''), ifalias: v.optional(v.string(), '') });
/** The groups that `linkGroup` gives, and names as `bridgeName`, `linkName` and `hostLinkName` do. */
const GROUPS = { first: 0x5db00000, last: 0x5dbfffff } as const;
const NAME = /^dbns[0-9a-f]{5}(?:z[a-d]|n\d+|h[0-9a-z]+)?$/;

/** Reads what `ip -json link show` printed. */
export function readLinks(output: string): readonly Thing[] {
  const links = v.parse(v.array(LINK), JSON.parse(output));
  return links
    .map(
      ({ ifname, group, ifalias }) =>
        ({ kind: 'link', name: ifname, group: Number(group), id: markIn(ifalias) }) as const,
    )
    .filter(({ name, group, id }) => id !== null || NAME.test(name) || (group >= GROUPS.first && group <= GROUPS.last));
}

const LISTING = v.object({ nftables: v.array(v.unknown()) });
const TABLE = v.object({ table: v.object({ family: v.string(), name: v.string() }) });
const RULE = v.object({
  rule: v.object({ family: v.string(), table: v.string(), chain: v.string(), comment: v.string() }),
});

async function findInFirewall(machine: Machine): Promise<readonly Thing[]> {
  const { stdout } = await machine.run(['nft', '-j', '--stateless', 'list', 'ruleset']);
  const { tables, rules } = readRuleset(stdout);
  return [...(await Promise.all(tables.map((table) => markTable(machine, table)))), ...rules];
}

/** Reads what `nft -j list ruleset` printed: tables with a cluster's name, and chains where rules bear a mark. */
export function readRuleset(output: string) {
  const rows = v.parse(LISTING, JSON.parse(output)).nftables;
  const tables = ofKind(TABLE, rows)
    .map(({ table }) => table)
    .filter(({ name }) => name.startsWith('dbns-'));
  const rules = ofKind(RULE, rows)
    .map(
      ({ rule: { family, table, chain, comment } }) =>
        ({ kind: 'rules', family, table, chain, id: markIn(comment) }) as const,
    )
    .filter(({ id }) => id !== null);
  return { tables, rules: [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()] };
}

/** Only nft's text shows the comment of a table, not its JSON. */
async function markTable(machine: Machine, { family, name }: { family: string; name: string }): Promise<Thing> {
  const { stdout } = await machine.run(['nft', '--stateless', 'list', 'table', family, name], { allowFailure: true });
  const comment = /^\tcomment "([^"]*)"$/m.exec(stdout)?.[1];
  return { kind: 'table', family, name, id: markIn(comment) };
}
