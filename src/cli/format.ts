import type { Scalar, StatusColumn } from '../lifecycle/columns.js';
import { colour } from './colour.js';

export const NOTHING = '-';

/** A value in a cell of a table. */
export function formatCell(value: Scalar, unit: StatusColumn['unit'], healthy: boolean): string {
  if (value === null) return colour.dim(NOTHING);
  const text = formatValue(value, unit);
  return healthy ? text : colour.yellow(text);
}

/** As people read it: `yes`, `12 s`, and a share of 0.000804673 as `0.08 %`. */
export function formatValue(value: Scalar, unit?: StatusColumn['unit']): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'number') return String(value);
  if (unit === 's') return `${value} s`;
  if (unit !== 'share') return String(value);
  const percent = Number((value * 100).toPrecision(2));
  return percent > 0 && percent < 0.01 ? '<0.01 %' : `${percent} %`;
}

/** Bytes as people read them: `84 MB`. */
export function formatSize(bytes: number | null): string {
  if (bytes === null) return '-';
  const mib = bytes / 1024 / 1024;
  return mib >= 1024 ? `${(mib / 1024).toFixed(1)} GB` : `${Math.round(mib)} MB`;
}
