import type { VerbView } from '../lifecycle/running/verb.js';
import { clusterTitle, nodeTable } from './table.js';

/** What became of each node; with `table` how the cluster is now. */
export function outcomesText(views: readonly VerbView[], table = false): string {
  if (views.length === 0) return 'There is no cluster.';
  return views.map((view) => outcomeText(view, table)).join('\n\n');
}

function outcomeText({ cluster, nodes }: VerbView, table: boolean): string {
  const width = Math.max(...nodes.map(({ node }) => node.length));
  const rows = nodes.map(({ node, outcome }) => `  ${node.padEnd(width)}  ${outcome}`);
  return [
    ...(table ? [] : [cluster.name]),
    ...(table ? [clusterTitle(cluster), nodeTable(cluster)] : rows),
    ...(table && nodes.some(({ outcome }) => outcome.startsWith('was')) ? rows : []),
  ].join('\n');
}
