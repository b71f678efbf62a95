// Datagrams and connections between places, all at once; run at each of them, with nothing but node.
//   mesh.mjs NAME PORT UNTIL NAME=ADDRESS…   prints, as JSON, the names from which datagrams arrived at PORT before UNTIL (ms)
import dgram from 'node:dgram';

const [name = '', port, until, ...others] = process.argv.slice(2);
const heard = new Set();
const socket = dgram.createSocket(others.some((other) => other.includes(':')) ? 'udp6' : 'udp4');
socket.on('message', (message) => heard.add(message.toString()));
socket.bind(Number(port));
while (Date.now() < Number(until)) {
  for (const other of others) socket.send(name, Number(port), other.split('=')[1], () => undefined);
  await new Promise((resolve) => setTimeout(resolve, 40));
}
console.log(JSON.stringify([...heard]));
process.exit();
