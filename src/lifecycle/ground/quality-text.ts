import type { Quality } from '../../cluster/fault.js';

/** `50 ms ± 10 ms late, 5 % lost, at most 1 Mbit/s`, of packets each way. */
export function qualityText({ delay, jitter, loss, duplicate, reorder, corrupt, rate }: Quality): string {
  const share = (value: number | null, what: string) => (value === null ? [] : [`${percentText(value)} ${what}`]);
  return [
    ...(delay === null ? [] : [`${number(delay)} ms${jitter === null ? '' : ` ± ${number(jitter)} ms`} late`]),
    ...share(loss, 'lost'),
    ...share(duplicate, 'twice'),
    ...share(reorder, 'ahead of others'),
    ...share(corrupt, 'damaged'),
    ...(rate === null ? [] : [`at most ${rateText(rate)}`]),
  ].join(', ');
}

/** The same of many that differ: from the least to the most. */
export function rangeText(qualities: readonly Quality[]): string {
  const delays = qualities.map(({ delay }) => delay ?? 0);
  const [least, most] = [Math.min(...delays), Math.max(...delays)];
  const [first] = qualities;
  const others = first === undefined ? '' : qualityText({ ...first, delay: null });
  return [`${number(least)} ms to ${number(most)} ms late`, ...(others === '' ? [] : [others])].join(', ');
}

function percentText(share: number): string {
  return `${number(share * 100)} %`;
}

function rateText(rate: number): string {
  const [unit, size] = UNITS.find(([, least]) => rate >= least) ?? ['bit', 1];
  return `${number(rate / size)} ${unit}/s`;
}

const UNITS = [
  ['Gbit', 1e9],
  ['Mbit', 1e6],
  ['kbit', 1e3],
] as const;

function number(value: number): string {
  return String(Number(value.toFixed(3)));
}
