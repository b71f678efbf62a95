import type { Machine } from '../host/machine.js';

/** The keyring file that the entry `FILE:NUMBER` of the machine's apt sources is signed by; null when it names none. */
export function signedBy(machine: Machine, source: string): string | null {
  const [, file, number] = /^(.*):(\d+)$/.exec(source) ?? [];
  const text = file === undefined ? null : machine.files.read(file);
  if (file === undefined || text === null) return null;
  const keyring = readSignedBy(file, text, Number(number));
  return keyring !== null && machine.files.exists(keyring) ? keyring : null;
}

/** Only a path counts: a key written into the source itself, or a fingerprint, is no file. */
export function readSignedBy(file: string, text: string, number: number): string | null {
  const named = file.endsWith('.sources') ? fromParagraph(text, number) : fromLine(text, number);
  return named?.startsWith('/') === true ? named : null;
}

function fromParagraph(text: string, number: number): string | undefined {
  const uncommented = text.replace(/^#.*\n?/gm, '');
  const paragraph = uncommented.split(/\n\s*\n/).filter((part) => part.trim() !== '')[number - 1];
  return /^Signed-By:[ \t]*(\S+)[ \t]*$/im.exec(paragraph ?? '')?.[1];
}

function fromLine(text: string, number: number): string | undefined {
  return /\[[^\]]*\bsigned-by=([^\s\]]+)/i.exec(text.split('\n')[number - 1] ?? '')?.[1];
}
