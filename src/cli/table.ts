import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import { colour } from './colour.js';
import { exposureText } from './exposures.js';
import { faultText } from './faults.js';
import { NOTHING, formatCell, formatSize, formatValue } from './format.js';
import { leaseText } from './lease.js';
import { linkText } from './links.js';
import { COMPANION_ROLE } from '../lifecycle/choose.js';
import {
  runsUnwanted,
  type AttachedView,
  type ClusterView,
  type CompanionView,
  type ExposureView,
  type NodeView,
} from '../lifecycle/view.js';
import { columnsOf, type Scalar, type StatusColumn } from '../lifecycle/columns.js';

const NO_LINES = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
  ].map((place) => [place, '']),
);

/** Rows under a head, in columns, with no lines between. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = new Table({
    chars: { ...NO_LINES, middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  lines.push(
    head.map((word) => colour.dim(word.toUpperCase())),
    ...rows.map((row) => [...row]),
  );
  return lines
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** A line of a terminal, of a mail, of a log. */
const LINE = 80;
const BETWEEN = 2;

export interface TableOptions {
  /** All columns, however wide that is. */
  readonly wide?: boolean;
}

/**
 * A cluster's nodes: what dbns knows of each, then the topology's own columns, as many as a line has room for; what is
 * bad news stands below, whole.
 */
export function nodeTable(cluster: ClusterView, { wide = false }: TableOptions = {}): string {
  if (cluster.broken !== undefined) return brokenLines(cluster.broken);
  const { topology } = cluster;
  const nodes = [...cluster.nodes, ...cluster.companions.map(asNode), ...cluster.attached.map(attachedAsNode)];
  const own = columnsOf(topology);
  const broken = ({ name }: NodeView) =>
    cluster.faults.flatMap(({ id, hosts }) => (hosts.includes(name) ? id : [])).join(' ');
  const faults: TextColumn = ['faults', (node) => colour.yellow(broken(node))];
  const always = [
    ...ALWAYS.slice(0, 1),
    ...(nodes.some(({ zone }) => zone !== null) ? [ZONE] : []),
    ...ALWAYS.slice(1, 2),
    ...(nodes.some(({ ipv6 }) => ipv6 !== null) ? [IPV6] : []),
    ...ALWAYS.slice(2),
    ...(cluster.faults.length > 0 ? [faults] : []),
  ].map((column) => textColumn(nodes, column));
  const others = [...own.filter(({ alarm }) => alarm !== true).map((column) => statusColumn(nodes, column))];
  others.push(textColumn(nodes, ['memory', ({ memoryBytes }) => formatSize(memoryBytes)]));
  const columns = [...always, ...(wide ? others : fitting(others, LINE - widthOf(always)))];
  const alarms = [...own.filter(({ alarm }) => alarm === true), ERROR];
  return [
    table(
      columns.map(({ head }) => head),
      nodes.flatMap((_, row) => linesOf(columns.map(({ cells }) => cells[row] ?? []))),
    ),
    ...(cluster.state === 'resetting' ? [resettingLine(cluster)] : []),
    ...nodes.flatMap((node) => [...processLines(node, cluster), ...alarmLines(node, alarms, cluster)]),
    ...cluster.companions.flatMap(leadingLines),
    ...cluster.attached.map(attachedLine),
    ...cluster.links.map(linkText),
    ...cluster.exposures.map(exposureLine),
    ...cluster.faults.map((fault) => colour.yellow(faultText(fault))),
    ...(cluster.lease === null ? [] : [leaseText(cluster.lease)]),
  ].join('\n');
}

/** A head, and for each node a cell of one line or more. */
interface NodeColumn {
  readonly head: string;
  readonly cells: readonly (readonly string[])[];
}

type TextColumn = readonly [head: string, text: (node: NodeView) => string];

const ALWAYS: readonly TextColumn[] = [
  ['node', ({ name }) => name],
  ['address', ({ address }) => address],
  ['role', ({ role, roleKnown }) => (roleKnown ? role : `(${role})`)],
  ['process', ({ phase, process }) => (phase === 'added' ? painted(process) : colour.yellow(phase))],
];

/** Where there are any. */
const ZONE: TextColumn = ['zone', ({ zone }) => zone ?? ''];
const IPV6: TextColumn = ['ipv6', ({ ipv6 }) => ipv6 ?? ''];

const PAINT: Readonly<Partial<Record<string, (text: string) => string>>> = {
  ...{ running: String, stopped: colour.dim, slow: colour.yellow },
};

function painted(process: string): string {
  return PAINT[process]?.(process) ?? colour.red(process);
}

function textColumn(nodes: readonly NodeView[], [head, text]: TextColumn): NodeColumn {
  return { head, cells: nodes.map((node) => [text(node)]) };
}

function statusColumn(nodes: readonly NodeView[], { head, key, of, unit }: StatusColumn): NodeColumn {
  const cells = nodes.map((node) => {
    const entries = entriesIn(node.status, of);
    return entries.map((entry) => formatCell(scalarIn(entry, key), unit, node.healthy));
  });
  return { head, cells };
}

type Status = NodeView['status'];

/** What a column has a line for each: the entries of a list, or the status itself; at least one. */
function entriesIn(status: Status, list: string | undefined): readonly Status[] {
  if (list === undefined) return [status];
  const entries = status[list];
  return entries instanceof Array && entries.length > 0 ? entries : [{}];
}

function scalarIn(status: Status, key: string): Scalar {
  const value = status[key] ?? null;
  return typeof value === 'object' ? null : value;
}

/** From left to right those for which there is room; one in which nobody says anything takes none. */
function fitting(columns: readonly NodeColumn[], room: number): readonly NodeColumn[] {
  let left = room;
  return columns.filter((column) => {
    const width = widthOf([column]) + BETWEEN;
    if (width > left || plain(column).every((text) => text === NOTHING)) return false;
    left -= width;
    return true;
  });
}

function widthOf(columns: readonly NodeColumn[]): number {
  const widths = columns.map((column) => Math.max(column.head.length, ...plain(column).map((text) => text.length)));
  return widths.reduce((sum, width) => sum + width, 0) + BETWEEN * (columns.length - 1);
}

function plain({ cells }: NodeColumn): readonly string[] {
  return cells.flat().map((text) => stripVTControlCharacters(text));
}

/** A row of cells as rows of one line each. */
function linesOf(cells: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => cells.map((lines) => lines[line] ?? ''));
}

/** A proxy has a row as nodes have. */
function asNode(companion: CompanionView): NodeView {
  return { ...companion, group: null, role: COMPANION_ROLE, roleKnown: true, status: { error: companion.error } };
}

/** What is attached has one too. */
function attachedAsNode({ pid, memoryBytes, ...host }: AttachedView): NodeView {
  return {
    ...{
      ...host,
      pid,
      memoryBytes,
      group: null,
      role: ATTACHED_ROLE,
      roleKnown: true,
      image: '',
      server: '',
      ports: {},
    },
    ...{ wanted: 'running', exit: null, healthy: true, socket: '', log: '', status: {} },
  };
}

const ATTACHED_ROLE = 'attached';

/** Whose network it is. */
function attachedLine({ name, origin, pid, netns, container, command }: AttachedView): string {
  const whose = {
    process: container === null ? `the process ${pid ?? ''}` : `the container ${container}`,
    netns: `the network namespace ${netns ?? ''}`,
    command: (command ?? []).join(' '),
  };
  return `${name} is ${whose[origin]}`;
}

function leadingLines({ name, leads }: CompanionView): readonly string[] {
  if (leads === null) return [];
  return [`${name} leads writes to ${leads.writer ?? 'nobody'}, reads to ${leads.readers.join(', ') || 'nobody'}`];
}

function exposureLine(exposure: ExposureView): string {
  const { host, error } = exposure;
  const line = exposureText(exposure, host);
  return error === null ? line : colour.red(`${line}: ${error}`);
}

/** What is wrong with a broken cluster, and what to do. */
export function brokenLines({ why, advice }: NonNullable<ClusterView['broken']>): string {
  return [colour.red(why), ...advice.map((words) => `  → ${words}`)].join('\n');
}

/** Every topology's status may have one, and that of a node that does not answer has. */
const ERROR: StatusColumn = { head: 'error', key: 'error', alarm: true };

function resettingLine({ name }: ClusterView): string {
  return colour.yellow(`a reset has not ended; when nobody is at work on it any more, to end it: dbns reset ${name}`);
}

/** How a server ended that is wanted, and that one runs which is not. */
function processLines(node: NodeView, { name: cluster }: ClusterView): readonly string[] {
  const { name, phase, wanted, exit } = node;
  if (runsUnwanted(node)) {
    return [colour.red(`${name}: runs, and was to be stopped; to end it: dbns stop ${cluster} ${name}`)];
  }
  if (phase !== 'added') {
    const taken = phase === 'adding' ? 'to take it away' : 'to end that';
    const verb = phase === 'rebuilding' ? 'rebuild' : 'remove';
    return [
      colour.yellow(
        `${name}: ${phase}; when nobody is at work on it any more, ${taken}: dbns ${verb} ${cluster} ${name}`,
      ),
    ];
  }
  if (exit === null || wanted === 'stopped') return [];
  return [colour.red(`${name}: ended with ${exit.signal ?? `exit code ${exit.code}`} at ${exit.at}`)];
}

function alarmLines(
  { name, status }: NodeView,
  alarms: readonly StatusColumn[],
  { name: cluster }: ClusterView,
): readonly string[] {
  return alarms.flatMap(({ head, key, remedy }) => {
    const value = scalarIn(status, key);
    if (value === null) return [];
    const lines = [colour.red(`${name}: ${head}: ${formatValue(value)}`)];
    return remedy === undefined ? lines : [...lines, `  → dbns ${remedy} ${cluster} ${name}`];
  });
}

const PAINT_STATE: Readonly<Partial<Record<ClusterView['state'], (text: string) => string>>> = {
  ...{ running: colour.green, stopped: colour.dim, degraded: colour.yellow, creating: colour.yellow },
  resetting: colour.yellow,
};

/** The line above a cluster's nodes, or two where one has no room for all; `more` is for what the caller adds. */
export function clusterTitle({ name, topology, state, networks, nodes }: ClusterView, ...more: string[]): string {
  const servers = [...new Set(nodes.map(({ server }) => server))].join(', ');
  const paint = PAINT_STATE[state] ?? colour.red;
  if (state === 'broken') return inLines([colour.bold(name), paint(state)]);
  const count = `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`;
  const subnets = networks.map(({ subnet }) => subnet).join(', ');
  return inLines([colour.bold(name), topology, paint(state), count, servers, subnets, ...more]);
}

/** Words side by side; where a line is full they go on in the next. */
function inLines(words: readonly string[]): string {
  const between = ' '.repeat(BETWEEN);
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last}${between}${word}`;
    if (last !== undefined && stripVTControlCharacters(longer).length > LINE) lines.push(`${between}${word}`);
    else lines.splice(-1, 1, longer);
  }
  return lines.join('\n');
}
