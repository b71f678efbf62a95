import { ok, problem, warning, type Check } from './diagnosis.js';
import { nearest } from './places.js';
import { sizeInWords } from './size.js';
import type { Survey } from './survey.js';

/** What a lean node takes at most, bytes. */
const NODE_MEMORY = 110e6;
const NODE_DISK = 40e6;
/** What the largest image takes, bytes. */
const IMAGE_DISK = 1.2e9;
/** How many nodes a cluster has by default. */
const USUAL_NODES = 3;

/** How many nodes the machine has room for. */
export async function checkRoom({ machine }: Survey): Promise<readonly Check[]> {
  const memory = readAvailable(machine.files.read(`${machine.roots.proc}/meminfo`) ?? '');
  const place = nearest(machine, machine.roots.state);
  return [
    memory === null ? warning('memory', 'the kernel does not say how much is available') : judgeMemory(memory),
    judgeDisk(await machine.files.free(place), place),
  ];
}

/** MemAvailable of /proc/meminfo, bytes. */
export function readAvailable(meminfo: string): number | null {
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

/** @param available bytes */
export function judgeMemory(available: number): Check {
  const nodes = Math.floor(available / NODE_MEMORY);
  const found = `${sizeInWords(available)} available: room for ${nodes} more nodes of ${sizeInWords(NODE_MEMORY)}`;
  if (nodes === 0) return problem('memory', found, MORE_MEMORY);
  return nodes < USUAL_NODES ? warning('memory', found, MORE_MEMORY) : ok('memory', found);
}

const MORE_MEMORY = ['dbns list', 'ps -eo pid,rss,args --sort=-rss | head'];

/** @param free bytes at `place` */
export function judgeDisk(free: number, place: string): Check {
  const nodes = Math.floor(free / NODE_DISK);
  const found = `${sizeInWords(free)} free at ${place}: room for ${nodes} more nodes of ${sizeInWords(NODE_DISK)}`;
  if (nodes === 0) return problem('disk', found, MORE_DISK);
  if (free < IMAGE_DISK) return warning('disk', `${found}, and not for every image (0.5 to 1.2 GB)`, MORE_DISK);
  return ok('disk', found);
}

const MORE_DISK = ['dbns list', 'dbns image list'];
