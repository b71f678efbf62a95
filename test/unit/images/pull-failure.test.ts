import { describe, expect, test } from 'vitest';
import { MachineError } from '../../../src/errors/errors.js';
import { pullFailure } from '../../../src/images/pull-failure.js';

const ATTEMPT = { ref: 'mariadb:10.11', suite: 'bookworm', mirror: false };

const BEGIN = `I: skipping emulation check for extract variant
I: finding correct signed-by value...
I: skipping check/empty as requested
I: running apt-get update...
`;
const END = `E: apt-get update --error-on=any -oAPT::Status-Fd=<$fd> -oDpkg::Use-Pty=false failed
I: main() received signal PIPE: waiting for setup...
E: mmdebstrap failed to run
`;

// Recorded from mmdebstrap 1.3.5 with apt 2.6.1; the hosts are replaced.
const RECORDED = [
  {
    what: 'nothing listens',
    said: `Err:1 http://127.0.0.1:9/debian bookworm InRelease
  Could not connect to 127.0.0.1:9 (127.0.0.1). - connect (111: Connection refused)
Reading package lists...
E: Failed to fetch http://127.0.0.1:9/debian/dists/bookworm/InRelease  Could not connect to 127.0.0.1:9 (127.0.0.1). - connect (111: Connection refused)
E: Some index files failed to download. They have been ignored, or old ones used instead.
`,
    sentence: /^The mirror can't be reached: http:\/\/127\.0\.0\.1:9\/.*Connection refused\)\.\n/,
    suggestion: '--mirror URI',
  },
  {
    what: 'the name is unknown',
    said: `Err:1 http://mirror/debian bookworm InRelease
  Could not resolve 'mirror'
Reading package lists...
E: Failed to fetch http://mirror/debian/dists/bookworm/InRelease  Could not resolve 'mirror'
E: Some index files failed to download. They have been ignored, or old ones used instead.
`,
    sentence: /^The mirror can't be reached: .*Could not resolve 'mirror'\.\n/,
    suggestion: 'apt-get update',
  },
  {
    what: 'the server hangs',
    said: `Err:1 http://127.0.0.1:18405/debian bookworm InRelease
  Connection failed [IP: 127.0.0.1 18405]
Reading package lists...
E: Failed to fetch http://127.0.0.1:18405/debian/dists/bookworm/InRelease  Connection failed [IP: 127.0.0.1 18405]
`,
    sentence: /^The mirror can't be reached: .*Connection failed/,
    suggestion: '--mirror URI',
  },
  {
    what: 'there is no such suite',
    said: `Ign:1 http://127.0.0.1:18404/debian bookworm InRelease
Err:2 http://127.0.0.1:18404/debian bookworm Release
  404  Not Found [IP: 127.0.0.1 18404]
Reading package lists...
E: The repository 'http://127.0.0.1:18404/debian bookworm Release' does not have a Release file.
`,
    sentence:
      /^There is no suite bookworm at http:\/\/127\.0\.0\.1:18404\/debian, which the machine's apt sources name\.\n/,
    suggestion: '--mirror URI',
  },
  {
    what: 'the mirror is cut off',
    said: `Get:1 http://127.0.0.1:18406/debian bookworm InRelease [100 kB]
Err:1 http://127.0.0.1:18406/debian bookworm InRelease
  Error reading from server. Remote end closed connection [IP: 127.0.0.1 18406]
E: Failed to fetch http://127.0.0.1:18406/debian/dists/bookworm/InRelease  Error reading from server. Remote end closed connection [IP: 127.0.0.1 18406]
`,
    sentence: /^The mirror gave something broken or cut off: Error reading from server\./,
    suggestion: 'dbns image pull mariadb:10.11',
  },
  {
    what: 'a portal answers',
    said: `Get:1 http://127.0.0.1:18407/debian bookworm InRelease
Err:1 http://127.0.0.1:18407/debian bookworm InRelease
  Clearsigned file isn't valid, got 'NOSPLIT' (does the network require authentication?)
E: Failed to fetch http://127.0.0.1:18407/debian/dists/bookworm/InRelease  Clearsigned file isn't valid, got 'NOSPLIT' (does the network require authentication?)
E: The repository 'http://127.0.0.1:18407/debian bookworm InRelease' is not signed.
`,
    sentence: /^The mirror gave something broken or cut off: Clearsigned file .*authentication\?\)\.\n/,
    suggestion: '--mirror URI',
  },
  {
    what: 'the server is out of order',
    said: `Err:1 http://127.0.0.1:18408/debian bookworm InRelease
  503  Service Unavailable [IP: 127.0.0.1 18408]
E: Failed to fetch http://127.0.0.1:18408/debian/dists/bookworm/InRelease  503  Service Unavailable [IP: 127.0.0.1 18408]
`,
    sentence: /^The mirror did not give http:\S+InRelease: 503 {2}Service Unavailable/,
    suggestion: 'dbns image pull mariadb:10.11',
  },
  {
    what: 'the archive has expired',
    said: `Get:1 http://127.0.0.1/debian sid InRelease [193 kB]
Reading package lists...
E: Release file for http://127.0.0.1/debian/dists/sid/InRelease is expired (invalid since 15d 2h 50min 40s). Updates for this repository will not be applied.
`,
    sentence: /^The mirror is a copy that is not kept up: http:\S+ has expired\.\n/,
    suggestion: '--allow-expired',
  },
  {
    what: 'the keys are unknown',
    said: `Err:1 http://127.0.0.1/debian bookworm InRelease
  The following signatures couldn't be verified because the public key is not available: NO_PUBKEY 6ED0E7B82643E131
W: GPG error: http://127.0.0.1/debian bookworm InRelease: The following signatures couldn't be verified because the public key is not available: NO_PUBKEY 6ED0E7B82643E131
E: The repository 'http://127.0.0.1/debian bookworm InRelease' is not signed.
`,
    sentence: /^The keys on this machine do not vouch for the mirror's suite bookworm\.\n/,
    suggestion: 'debian-archive-keyring',
  },
  {
    what: 'a package is missing',
    said: `I: downloading packages with apt...
Building dependency tree...
E: Unable to locate package mariadb-backup
E: apt download failed: E: apt-get --yes -oDebug::pkgDpkgPm=1 install ?essential mariadb-backup -oAPT::Status-Fd=<$fd> failed
`,
    sentence: /^The mirror's suite bookworm has no package mariadb-backup\.\n/,
    suggestion: '--mirror URI',
  },
  {
    what: 'the disk is full for apt',
    said: `Need to get 65.2 MB of archives.
After this operation, 393 MB of additional disk space will be used.
E: You don't have enough free space in /var/lib/dbns/images/mariadb/.10.11.partial/root/var/cache/apt/archives/.
`,
    sentence: /^There is not enough space on the disk for the image mariadb:10\.11\.\n/,
    suggestion: 'df -h',
  },
  {
    what: 'the disk is full for tar',
    said: `tar: ./usr/share/doc/libperl5.36/copyright: Cannot write: No space left on device
tar: Exiting with failure status due to previous errors
E: tar --extract failed: 512
`,
    sentence: /^There is not enough space on the disk/,
    suggestion: 'df -h',
  },
];

describe.each(RECORDED)('when $what', ({ said, sentence, suggestion }) => {
  const failure = pullFailure(BEGIN + said + END, ATTEMPT);

  test('one sentence says so, and what to do', () => {
    expect(failure).toBeInstanceOf(MachineError);
    expect(failure.message).toMatch(sentence);
    expect(failure.suggestions.join('\n')).toContain(suggestion);
  });

  test('the telling lines of mmdebstrap follow', () => {
    const [, heading, ...lines] = failure.message.split('\n');
    expect(heading).toBe('mmdebstrap said:');
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('\n')).not.toMatch(/received signal|failed to run|-oAPT/);
  });
});

test('a mirror that the user named is called so', () => {
  const said = "E: The repository 'http://127.0.0.1:1/x trixie Release' does not have a Release file.";
  expect(pullFailure(said, { ...ATTEMPT, mirror: true }).message).toContain('which --mirror names.');
});

test('what is not known is told as it is', () => {
  const failure = pullFailure('E: something new\n', ATTEMPT);
  expect(failure.message).toBe(
    'mmdebstrap could not make the image mariadb:10.11.\nmmdebstrap said:\n  E: something new',
  );
});

test('silence is told too', () => {
  expect(pullFailure('', ATTEMPT).message).toContain('mmdebstrap said nothing.');
});
