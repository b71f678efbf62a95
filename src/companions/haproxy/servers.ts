import { tell } from './socket.js';

/** A server of a backend, as HAProxy has it. */
export interface ServerRow {
  readonly backend: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Whether it is to be led to; in maintenance it is not. */
  readonly enabled: boolean;
  /** Whether its checks say that somebody is there. */
  readonly up: boolean;
}

/**
 * Asks HAProxy for the servers of all backends.
 * Source: HAProxy's management guide, 9.3, `show servers state`: srv_op_state 0 is stopped; srv_admin_state has bit 0x01 for
 * what is in maintenance now, and keeps 0x04 for good for what the configuration disabled once.
 */
export async function askServers(socket: string, timeout: number): Promise<readonly ServerRow[]> {
  return readServers(await tell(socket, 'show servers state', timeout));
}

/** Says nothing of now. */
const DISABLED_ONCE = 0x04;

export function readServers(said: string): readonly ServerRow[] {
  const lines = said.split('\n');
  const columns =
    lines
      .find((line) => line.startsWith('# '))
      ?.slice(2)
      .split(' ') ?? [];
  const rows = lines.filter((line) => /^\d+ /.test(line)).map((line) => line.split(' '));
  return rows.map((row) => {
    const value = (column: string) => row[columns.indexOf(column)] ?? '';
    return {
      backend: value('be_name'),
      name: value('srv_name'),
      address: value('srv_addr'),
      port: Number(value('srv_port')),
      enabled: (Number(value('srv_admin_state')) & ~DISABLED_ONCE) === 0,
      up: Number(value('srv_op_state')) !== 0,
    };
  });
}
