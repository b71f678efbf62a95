import { fileURLToPath } from 'node:url';
import { run } from './command.js';
import { MACHINE, nodePlace, type Place } from './places.js';

const MESH = [process.execPath, fileURLToPath(new URL('./mesh.mjs', import.meta.url))];
/** Long enough for all programs to be there for a while, however busy the machine. */
const SPAN = 1500;

/** Who is tried: nodes of a cluster by name, and the machine as `gateway`. */
export type Addresses = Readonly<Record<string, string>>;

/** The pairs of which nothing arrives from the first at the second, as `node1>node2`, in order. */
export async function cutPairs(cluster: string, addresses: Addresses, port: number): Promise<readonly string[]> {
  const names = Object.keys(addresses);
  const until = Date.now() + SPAN + names.length * 100;
  const heard = await Promise.all(
    names.map(async (name) => {
      const place: Place = name === 'gateway' ? MACHINE : nodePlace(cluster, name);
      const others = names.filter((other) => other !== name).map((other) => `${other}=${addresses[other] ?? ''}`);
      const { stdout } = await run([...place, ...MESH, name, String(port), String(until), ...others]);
      return [name, JSON.parse(stdout) as readonly string[]] as const;
    }),
  );
  return heard
    .flatMap(([to, from]) => names.filter((one) => one !== to && !from.includes(one)).map((one) => `${one}>${to}`))
    .sort();
}
