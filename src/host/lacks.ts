import { MachineError } from '../errors/errors.js';

/** Which Debian package has a program that dbns calls. */
const PACKAGES: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nft: 'nftables',
  bwrap: 'bubblewrap',
  setpriv: 'util-linux',
  flock: 'util-linux',
  unshare: 'util-linux',
  umount: 'mount',
  arping: 'iputils-arping',
  udhcpc: 'udhcpc',
  'ovs-vsctl': 'openvswitch-switch',
  cp: 'coreutils',
  tail: 'coreutils',
  tee: 'coreutils',
  myloader: 'mydumper',
  mongorestore: 'mongodb-database-tools',
  mongodump: 'mongodb-database-tools',
};

/** The Debian package to install for a program. */
export function packageOf(program: string): string {
  return PACKAGES[program] ?? program;
}

/** The error for a program that is not on PATH, with the command that installs it. */
export function lacks(program: string, cause?: unknown): MachineError {
  return new MachineError(`dbns needs '${program}', which is not on PATH.`, {
    cause,
    suggestions: [`apt-get install ${packageOf(program)}`, 'dbns doctor'],
  });
}
