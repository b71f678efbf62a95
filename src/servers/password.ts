import { randomInt } from 'node:crypto';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const ALPHABET = `${LETTERS}${LETTERS.toUpperCase()}0123456789`;
const GROUPS = 5;
const GROUP = 5;
/** Of each class of characters; the dashes between the groups are the special ones. */
const LEAST = 3;

/**
 * A random password of 148 bits that every password policy takes: `k3Xf9-Qa7zP-…`. A dash means nothing in URIs, shells and
 * configuration files.
 */
export function randomPassword(): string {
  for (;;) {
    const group = () => Array.from({ length: GROUP }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
    const password = Array.from({ length: GROUPS }, group).join('-');
    const classes = [/[a-z]/g, /[A-Z]/g, /[0-9]/g];
    if (classes.every((form) => (password.match(form)?.length ?? 0) >= LEAST)) return password;
  }
}
