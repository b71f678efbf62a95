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
  const read = (file: string) => machine.files.read(`${machine.roots.proc}/${file}`);
  return [
    memory === null ? warning('memory', 'the kernel does not say how much is available') : judgeMemory(memory),
    ...judgeAio(
      Number(read('sys/fs/aio-nr') ?? NaN),
      Number(read('sys/fs/aio-max-nr') ?? NaN),
      cpusIn(read('cpuinfo') ?? ''),
    ),
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

/** How many CPUs /proc/cpuinfo tells of. */
export function cpusIn(cpuinfo: string): number {
  return cpuinfo.match(/^processor\s*:/gm)?.length ?? 1;
}

/**
 * The kernel's room for asynchronous I/O, which all servers of the machine share. MySQL takes 256 requests for each of its
 * I/O threads, as measured with 9.7; MariaDB takes none where it has io_uring, and does without where there is no room.
 * @param taken fs.aio-nr
 * @param most fs.aio-max-nr; NaN where the kernel has no such thing
 */
export function judgeAio(taken: number, most: number, cpus: number): readonly Check[] {
  if (Number.isNaN(taken) || Number.isNaN(most)) return [];
  const each = (1 + Math.max(4, Math.floor(cpus / 2)) + 4) * 256 + 1;
  const nodes = Math.max(0, Math.floor((most - taken) / each));
  const found = `${taken} of ${most} requests taken (fs.aio-max-nr): room for ${nodes} more nodes of MySQL, ${each} each`;
  return [nodes < USUAL_NODES ? warning(AIO, found, MORE_AIO) : ok(AIO, found)];
}

const AIO = 'asynchronous I/O';
const MORE_AIO = ['sysctl -w fs.aio-max-nr=1048576', 'Or let servers do without: -c innodb_use_native_aio=OFF'];

/** @param free bytes at `place` */
export function judgeDisk(free: number, place: string): Check {
  const nodes = Math.floor(free / NODE_DISK);
  const found = `${sizeInWords(free)} free at ${place}: room for ${nodes} more nodes of ${sizeInWords(NODE_DISK)}`;
  if (nodes === 0) return problem('disk', found, MORE_DISK);
  if (free < IMAGE_DISK) return warning('disk', `${found}, and not for every image (0.5 to 1.2 GB)`, MORE_DISK);
  return ok('disk', found);
}

const MORE_DISK = ['dbns list', 'dbns image list'];
