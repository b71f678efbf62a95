import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Act, Plan } from '../../../src/cluster/plan.js';
import { stepsOf } from '../../../src/cluster/plan.js';
import { run } from './command.js';

/** What test/netem-guest.sh made. */
const GUEST = path.resolve(import.meta.dirname, '../../../node_modules/.cache/netem-guest');
const QEMU = '/usr/bin/qemu-system-x86_64';

/** Whether a kernel of Debian can be booted here. */
export const hasGuest = existsSync(QEMU) && existsSync(`${GUEST}/initrd.gz`);

/** Boots it, lets it carry out a script, and answers with what came over its serial line. Without KVM: a minute at most. */
export async function inGuest(script: string): Promise<string> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'guest-'));
  try {
    const initrd = `${directory}/initrd`;
    // The kernel unpacks one archive after another.
    writeFileSync(initrd, Buffer.concat([readFileSync(`${GUEST}/initrd.gz`), gzipSync(archiveOf('script', script))]));
    const argv = [
      ...[QEMU, '-accel', 'tcg', '-m', '512', '-nographic', '-no-reboot', '-nic', 'none'],
      ...['-kernel', `${GUEST}/vmlinuz`, '-initrd', initrd, '-append', 'console=ttyS0 quiet panic=-1'],
    ];
    return (await run(argv, { timeout: 600_000 })).stdout.replaceAll('\r', '');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** One file in a cpio archive (newc), as an initramfs is one. */
function archiveOf(name: string, content: string): Buffer {
  return Buffer.concat([entry(name, 0o100644, Buffer.from(content)), entry('TRAILER!!!', 0, Buffer.alloc(0))]);
}

function entry(name: string, mode: number, data: Buffer): Buffer {
  const fields = [0, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length + 1, 0];
  const head = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
  return Buffer.concat([padded(Buffer.from(head)), padded(data)]);
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc(-data.length & 3)]);
}

/** What a plan runs, as lines of a shell: just as dbns would, and each that fails is told. */
export function linesOf(plan: Plan): string {
  return stepsOf(plan)
    .flatMap(({ acts }) => acts)
    .map(line)
    .join('');
}

function line(act: Act): string {
  if (act.do !== 'run') throw new Error(`a guest does not ${act.do}`);
  const words = act.argv.map((word) => `'${word}'`).join(' ');
  return `${words} <<'INPUT' || echo "FAILED: ${act.argv.join(' ')}"\n${act.input ?? ''}INPUT\n`;
}
