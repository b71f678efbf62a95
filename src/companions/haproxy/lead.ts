import type { Leading, Led, Standing } from '../companion.js';
import { askServers, type ServerRow } from './servers.js';
import { tell } from './socket.js';

/** ms that it may take to answer. */
const TIMEOUT = 1000;

/** What `default-server` has in the configuration: servers that are added later do not go by it. */
const CHECKS = 'check inter 250ms fall 2 rise 1 on-marked-down shutdown-sessions';

/**
 * Brings HAProxy to lead so. Who is not led to any more loses its sessions: a client that goes on there would write to a
 * replica, or read from who fell ill. Nodes that were added come in without a reload, those that were removed go.
 */
export async function lead({ machine, companion, front }: Standing, leading: Leading): Promise<Led> {
  const socket = machine.reach(companion.socket);
  const commands = commandsFor(await askServers(socket, TIMEOUT), front.nodes, leading);
  for (const command of commands) {
    const said = await tell(socket, command, TIMEOUT);
    if (isRefusal(said)) throw new Error(`'${command}': ${said.trim()}`);
  }
  return commands.length > 0 ? 'led' : 'same';
}

/** It answers with nothing, or with good words, when it did as it was told. */
function isRefusal(said: string): boolean {
  return !/^\s*$|^(?:New server registered|Server deleted)/.test(said);
}

/** What HAProxy is to be told, in order: those that are not led to any more first, lest two take writes. Pure. */
export function commandsFor(
  rows: readonly ServerRow[],
  nodes: Standing['front']['nodes'],
  { writer, readers }: Leading,
): readonly string[] {
  const leads = { writes: (name: string) => name === writer, reads: (name: string) => readers.includes(name) };
  const commands = Object.entries(leads).map(([backend, isLed]) => {
    const there = rows.filter((row) => row.backend === backend);
    const gone = there.filter(({ name }) => !nodes.some((node) => node.name === name));
    const fresh = nodes.filter(({ name }) => !there.some((row) => row.name === name));
    const left = there.filter((row) => row.enabled && (gone.includes(row) || !isLed(row.name)));
    const led = nodes.filter(({ name }) => isLed(name) && !there.some((row) => row.name === name && row.enabled));
    return {
      first: [
        ...left.flatMap(({ name }) => [
          `set server ${backend}/${name} state maint`,
          `shutdown sessions server ${backend}/${name}`,
        ]),
        ...gone.map(({ name }) => `del server ${backend}/${name}`),
      ],
      then: [
        ...fresh.flatMap(({ name, address, ports }) => [
          `add server ${backend}/${name} ${address}:${ports.client} ${CHECKS}`,
          `enable health ${backend}/${name}`,
        ]),
        ...led.map(({ name }) => `set server ${backend}/${name} state ready`),
      ],
    };
  });
  return [...commands.flatMap(({ first }) => first), ...commands.flatMap(({ then }) => then)];
}
