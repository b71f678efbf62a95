import * as Flags from '@oclif/core/flags';
import { exposureName, type Exposure } from '../cluster/rules.js';
import { UsageError } from '../errors/errors.js';

/** A port of the machine. */
export const hostPortFlag = Flags.integer({
  summary: "the machine's port; the one of the node when absent, 0 picks one",
  min: 0,
  max: 65_535,
  helpValue: 'PORT',
});

/**
 * Reads `node1`, `node1:3306`, `proxy1:ro`, or `--role primary`.
 * @throws UsageError for both, for neither, and for what is none of these.
 */
export function exposureTarget(
  text: string | undefined,
  role: 'primary' | undefined,
): { readonly to: Exposure['to']; readonly port: string | undefined } {
  if ((text === undefined) === (role === undefined))
    throw new UsageError('Name a node, or --role primary: one of both.');
  if (text === undefined) return { to: { role: 'primary' }, port: undefined };
  const [, host = '', port] = /^([^:]+)(?::([^:]+))?$/.exec(text) ?? [];
  if (host === '') throw new UsageError(`'${text}' is no node: write node1, or node1:3306.`);
  return { to: { host }, port };
}

/**
 * `127.0.0.1:3306 leads to node1:3306`.
 * @param host whose port it is; null where it is for whoever takes writes
 */
export function exposureText(exposure: Omit<Exposure, 'to'>, host: string | null): string {
  const { port, leadsTo } = exposure;
  const who = host === null ? `the primary, now ${leadsTo ?? 'nobody'}` : `${host}:${port}`;
  return `${exposureName(exposure)} leads to ${who}`;
}
