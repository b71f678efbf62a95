import { connect, type TcpNetConnectOpts } from 'node:net';

/** Whether something listens on a unix socket, or at an address: a plain connect, far cheaper than a driver's failed attempt. */
export async function listens(at: string | TcpNetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = typeof at === 'string' ? connect(at) : connect(at);
    const answer = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => {
      answer(true);
    });
    socket.once('error', () => {
      answer(false);
    });
  });
}
