// A TCP server that tells each client its address, and a client of it; run at a place, with nothing but node.
//   probe.mjs answer PORT            prints `ready`, then answers until its stdin ends
//   probe.mjs ask ADDRESS PORT MS    prints what the server said; exit code 1 when nothing came in time
//   probe.mjs knock ADDRESS PORT MS  prints `open`, or why not
import net from 'node:net';

const [verb, ...words] = process.argv.slice(2);

function answer(port) {
  const server = net.createServer((client) => {
    client.on('error', () => undefined);
    // One socket for both families shows IPv4 in IPv6's clothes.
    client.end((client.remoteAddress ?? '').replace(/^::ffff:/, ''));
  });
  server.listen({ port, host: '::' }, () => console.log('ready'));
  process.stdin.on('end', () => process.exit()).resume();
}

function ask(host, port, milliseconds) {
  const fail = () => process.exit(1);
  setTimeout(fail, milliseconds);
  const socket = net
    .connect({ host, port })
    .on('error', fail)
    .on('end', () => process.exit());
  socket.pipe(process.stdout);
}

function knock(host, port, milliseconds) {
  const tell = (outcome) => {
    console.log(outcome);
    process.exit();
  };
  setTimeout(() => tell('no answer'), milliseconds);
  net
    .connect({ host, port })
    .on('error', ({ code }) => tell(code))
    .on('connect', () => tell('open'));
}

if (verb === 'answer') answer(Number(words[0]));
else (verb === 'ask' ? ask : knock)(words[0], Number(words[1]), Number(words[2]));
