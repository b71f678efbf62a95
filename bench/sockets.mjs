import fs from 'node:fs';
import path from 'node:path';

/**
 * Notes when the last of some sockets appears, told by the kernel (inotify): polling would take time from the servers.
 * @param {readonly string[]} sockets whose directories are not there yet
 */
export function watchSockets(sockets) {
  const left = new Set(sockets);
  /** @type {fs.FSWatcher[]} */
  let watchers = [];
  let completedAt = 0;
  const look = () => {
    if (left.size === 0) return;
    for (const socket of left) if (fs.existsSync(socket)) left.delete(socket);
    if (left.size === 0) completedAt = performance.now();
  };
  return {
    /** To be called now and then until the directories are there. */
    directoriesMayBeThere() {
      if (watchers.length > 0 || !sockets.every((socket) => fs.existsSync(path.dirname(socket)))) return;
      watchers = sockets.map((socket) => fs.watch(path.dirname(socket), look).on('error', () => undefined));
      look();
    },
    /** Milliseconds from `began` until all were there; 0 when not seen. @param {number} began */
    completeAt: (began) => (left.size === 0 ? completedAt - began : 0),
    close() {
      for (const watcher of watchers) watcher.close();
    },
  };
}
