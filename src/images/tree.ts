import { MachineError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { confinedArgv, inTreeArgv } from './confined.js';

/** Nobody reads these in an image, and apt has no work in it. */
const NOT_NEEDED = [
  ...['usr/share/doc', 'usr/share/man', 'usr/share/info', 'usr/share/locale', 'usr/share/lintian'],
  ...['usr/share/bug', 'var/lib/apt', 'var/cache', 'etc/apt'],
];

/** What the scripts of packages would have made, and containers bind over. Nobody but root has a name. */
const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
  'etc/group': 'root:x:0:\nnogroup:x:65534:\n',
  'etc/hosts': '127.0.0.1 localhost\n',
  'etc/resolv.conf': '',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n',
};

/** Names that Debian's alternatives would have given. */
const ALTERNATIVES = [
  { name: 'awk', program: 'mawk' },
  { name: 'which', program: 'which.debianutils' },
];

/** Makes the directory that is filled: /bin and the like are links into /usr, in suites whose packages do not say so too. */
export async function prepareTree(machine: Machine, root: string): Promise<void> {
  const parts = ['bin', 'sbin', 'lib', 'lib64'];
  for (const part of parts) await machine.files.mkdirAll(`${root}/usr/${part}`);
  await machine.run(['ln', '-s', '-t', root, ...parts.map((part) => `usr/${part}`)]);
}

/** Makes a tree of unpacked packages one that programs run in, and small. */
export async function completeTree(machine: Machine, root: string): Promise<void> {
  for (const place of NOT_NEEDED) await machine.files.remove(`${root}/${place}`);
  for (const [file, content] of Object.entries(FILES)) await machine.files.replace(`${root}/${file}`, content);
  for (const { name, program } of ALTERNATIVES) {
    if (machine.files.exists(`${root}/usr/bin/${name}`) || !machine.files.exists(`${root}/usr/bin/${program}`))
      continue;
    await machine.run(['ln', '-s', program, `${root}/usr/bin/${name}`]);
  }
  await machine.run(inTreeArgv(root, ['/sbin/ldconfig']));
}

/** Makes a tree of others' making, `directory/root`, one that servers start in. Nothing but what is in it is touched. */
export async function adoptTree(machine: Machine, directory: string): Promise<void> {
  const [root, files] = [`${directory}/root`, `${directory}/files`];
  const etc = (await machine.files.list(root)).find(({ name }) => name === 'etc');
  if (etc?.kind === 'link')
    throw noEtc(`a link to ${(await machine.files.readLink(`${root}/etc`)) ?? 'nowhere'}, and no directory`);
  if (etc !== undefined && etc.kind !== 'directory') throw noEtc('no directory');
  await machine.run(confinedArgv(directory, secured(root)));
  await machine.files.mkdirAll(`${files}/etc`);
  for (const [file, content] of Object.entries(FILES)) await machine.files.write(`${files}/${file}`, content);
  await machine.run(confinedArgv(directory, ['cp', '--recursive', '--remove-destination', `${files}/etc`, root]));
  await machine.files.remove(files);
}

function noEtc(what: string): MachineError {
  return new MachineError(`The /etc of this image is ${what}: no server runs in such a tree.`);
}

/** Every user of the machine sees what is in an image: none shall become root by it, nor change it. */
function secured(root: string): readonly string[] {
  return ['find', root, '!', '-type', 'l', '-perm', '/6002', '-exec', 'chmod', 'ug-s,o-w', '{}', '+'];
}
