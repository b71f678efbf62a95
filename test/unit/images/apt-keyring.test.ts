import { expect, test } from 'vitest';
import { readSignedBy } from '../../../src/images/apt-keyring.js';

// apt counts paragraphs without those that are comments alone.
const SOURCES = `# a comment

# and another
Types: deb
URIs: http://127.0.0.1:1/vendor
Suites: bookworm
Components: main
Enabled: no

Types: deb
URIs: http://127.0.0.1:2/debian
Suites: bookworm
#Signed-By: /not/this.gpg
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://127.0.0.1:3/debian
Suites: trixie
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 -----END PGP PUBLIC KEY BLOCK-----
`;

const LIST = `# a comment
deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] http://127.0.0.1:3/debian bookworm main # here

deb [signed-by=0123456789ABCDEF0123456789ABCDEF01234567] http://127.0.0.1:3/debian bookworm main
deb http://127.0.0.1:4/debian bookworm main
`;

test('finds the keyring of a paragraph', () => {
  expect([1, 2, 3, 4].map((number) => readSignedBy('/x/a.sources', SOURCES, number))).toEqual([
    null,
    '/usr/share/keyrings/debian-archive-keyring.gpg',
    null,
    null,
  ]);
});

test('finds the keyring of a line', () => {
  expect([2, 4, 5, 99].map((number) => readSignedBy('/x/b.list', LIST, number))).toEqual([
    '/usr/share/keyrings/a.gpg',
    null,
    null,
    null,
  ]);
});
