import net from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * Says words at HAProxy's own socket, and answers what it said. Several commands, `;` between them, are one call.
 * Source: HAProxy's management guide, 9.3 (Unix Socket commands).
 * @throws Error when nobody is there, or after `timeout` ms.
 */
export async function tell(socket: string, words: string, timeout: number): Promise<string> {
  const connection = net.connect(socket);
  const timer = setTimeout(() => {
    connection.destroy(new Error(`no answer in ${timeout} ms`));
  }, timeout);
  try {
    connection.end(`${words}\n`);
    return await text(connection);
  } finally {
    clearTimeout(timer);
  }
}
