import Table from 'cli-table3';
import { colour } from './colour.js';
import type { ClusterView, NodeView } from '../lifecycle/view.js';
import { columnsOf, type StatusColumn } from '../lifecycle/columns.js';

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

/** A cluster's nodes: what dbns knows of each, then the topology's own columns; what is bad news stands below, whole. */
export function nodeTable(cluster: ClusterView): string {
  if (cluster.broken !== undefined) return brokenLines(cluster.broken);
  const columns = columnsOf(cluster.topology);
  const cells = columns.filter(({ alarm }) => alarm !== true);
  const head = ['node', 'address', 'role', 'process', ...cells.map((column) => column.head), 'memory'];
  const rows = cluster.nodes.map((node) => [
    node.name,
    node.address,
    node.roleKnown ? node.role : `was ${node.role}`,
    node.process === 'running' ? node.process : colour.red(node.process),
    ...cells.map(({ key }) => cell(node, key)),
    formatSize(node.memoryBytes),
  ]);
  const alarms = [...columns.filter(({ alarm }) => alarm === true), ERROR];
  return [table(head, rows), ...cluster.nodes.flatMap((node) => alarmLines(node, alarms))].join('\n');
}

/** What is wrong with a broken cluster, and what to do. */
export function brokenLines({ why, advice }: NonNullable<ClusterView['broken']>): string {
  return [colour.red(why), ...advice.map((words) => `  → ${words}`)].join('\n');
}

/** Every topology's status may have one, and that of a node that does not answer has. */
const ERROR: StatusColumn = { head: 'error', key: 'error', alarm: true };

function alarmLines({ name, status }: NodeView, alarms: readonly StatusColumn[]): readonly string[] {
  return alarms.flatMap(({ head, key }) => {
    const value = status[key];
    return value === undefined || value === null ? [] : [colour.red(`${name}: ${head}: ${String(value)}`)];
  });
}

function cell(node: NodeView, key: string): string {
  const value = node.status[key];
  if (value === undefined || value === null) return colour.dim('-');
  const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
  return node.healthy ? text : colour.yellow(text);
}

/** The line above a cluster's nodes. */
export function clusterTitle({ name, topology, state, networks, nodes }: ClusterView): string {
  const servers = [...new Set(nodes.map(({ server }) => server))].join(', ');
  const paint =
    state === 'running' ? colour.green : state === 'degraded' || state === 'creating' ? colour.yellow : colour.red;
  if (state === 'broken') return `${colour.bold(name)}  ${paint(state)}`;
  return `${colour.bold(name)}  ${topology}  ${paint(state)}  ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}  ${servers}  ${networks.map(({ subnet }) => subnet).join(', ')}`;
}

/** Bytes as people read them: `84 MB`. */
export function formatSize(bytes: number | null): string {
  if (bytes === null) return '-';
  const mib = bytes / 1024 / 1024;
  return mib >= 1024 ? `${(mib / 1024).toFixed(1)} GB` : `${Math.round(mib)} MB`;
}
