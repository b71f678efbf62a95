// flow.mjs send ADDRESS PORT COUNT      sends so many small UDP packets, not all at once
// flow.mjs sink PORT                    takes one TCP connection, and prints what came in bits a second, from the first byte to the last
// flow.mjs stream ADDRESS PORT MS       sends as much as goes by TCP, for so long
import dgram from 'node:dgram';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const AT_ONCE = 50;

async function send(address, port, count) {
  const socket = dgram.createSocket('udp4');
  const one = () => new Promise((resolve) => socket.send('x', Number(port), address, resolve));
  for (let left = Number(count); left > 0; left -= AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, left) }, one));
    await sleep(1);
  }
  socket.close();
}

function sink(port) {
  let [bytes, first, last] = [0, 0, 0];
  const server = net.createServer((socket) => {
    socket.on('data', (data) => {
      last = performance.now();
      first ||= last;
      bytes += data.length;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      console.log(String((bytes * 8 * 1000) / (last - first)));
      server.close();
    });
  });
  server.listen(Number(port), '0.0.0.0', () => console.log('ready'));
}

function stream(address, port, milliseconds) {
  const piece = Buffer.alloc(16 * 1024);
  const socket = net.connect(Number(port), address);
  let goesOn = true;
  const fill = () => {
    while (goesOn && socket.write(piece));
  };
  socket.on('drain', fill).on('connect', () => {
    setTimeout(() => {
      goesOn = false;
      // What waits to be sent is not waited for.
      socket.resetAndDestroy();
    }, Number(milliseconds));
    fill();
  });
}

const [, , what, ...words] = process.argv;
await { send, sink, stream }[what](...words);
