import { describe, expect, test } from 'vitest';
import { MachineError, NotFoundError } from '../../../src/errors/errors.js';
import { skopeoFailure } from '../../../src/images/skopeo-failure.js';
import { parseOciReference } from '../../../src/images/oci-reference.js';

const PLACE = '127.0.0.1:5055/a/small';
const ATTEMPT = {
  ref: 'small:1',
  reference: parseOciReference(`docker://${PLACE}:1`),
  tlsVerify: true,
  silence: 60_000,
};
const fatal = (words: string) =>
  `time="2026-11-21T13:52:54Z" level=fatal msg="${words.replaceAll('"', String.raw`\"`)}"\n`;
const parsing = (words: string) => fatal(`Error parsing image name "docker://${PLACE}:1": ${words}`);

// Recorded from skopeo 1.9.3, but for those marked so: they are as their sources have them.
const SAID = [
  {
    what: 'nothing listens',
    said: parsing(
      'pinging container registry 127.0.0.1:5055: Get "https://127.0.0.1:5055/v2/": dial tcp 127.0.0.1:5055: connect: connection refused',
    ),
    sentence: `The registry of ${PLACE} can't be reached: connection refused.`,
    suggestion: 'HTTPS_PROXY',
  },
  {
    what: 'the name is unknown',
    said: parsing('pinging container registry r.invalid: dial tcp: lookup r.invalid on 127.0.0.53:53: no such host'),
    sentence: "The name r.invalid can't be resolved: no such host.",
    suggestion: 'getent hosts 127.0.0.1:5055',
  },
  {
    what: 'plain HTTP',
    said: parsing(
      'pinging container registry 127.0.0.1:5055: Get "https://127.0.0.1:5055/v2/": http: server gave HTTP response to HTTPS client',
    ),
    sentence: `The registry of ${PLACE} speaks plain HTTP, which nobody vouches for.`,
    suggestion: `dbns image pull docker://${PLACE}:1 --as small:1 --tls-verify=false`,
  },
  {
    what: 'a certificate of nobody (as the source has it)',
    said: parsing('Get "https://127.0.0.1:5055/v2/": x509: certificate signed by unknown authority'),
    sentence: `The certificate of the registry of ${PLACE} is not trusted: x509: certificate signed by unknown authority.`,
    suggestion: '/etc/containers/certs.d/127.0.0.1:5055/ca.crt',
  },
  {
    what: 'a login is wanted (as the source has it)',
    said: parsing('reading manifest 1 in 127.0.0.1:5055/a/small: unauthorized: authentication required'),
    sentence: `The registry does not let this machine have ${PLACE}, or has no such image.`,
    suggestion: 'skopeo login 127.0.0.1:5055',
  },
  {
    what: 'too many pulls (as the source has it)',
    said: parsing('reading manifest 1 in a/small: toomanyrequests: You have reached your pull rate limit.'),
    sentence: `The registry of ${PLACE} gives no more to this address for now.`,
    suggestion: 'skopeo login',
  },
  {
    what: 'another layer than the manifest names',
    said: fatal(
      'writing blob: happened during read: Digest did not match, expected sha256:af6d8231, got sha256:656c6282',
    ),
    sentence: `What came is not what the digest names: docker://${PLACE}:1 is broken, or was changed on its way.`,
    suggestion: '--as small:1',
  },
  {
    what: 'another manifest than the digest names',
    said: fatal('determining manifest MIME type: Manifest does not match provided manifest digest sha256:e5fdb7e0'),
    sentence: `What came is not what the digest names: docker://${PLACE}:1 is broken, or was changed on its way.`,
    suggestion: '--as small:1',
  },
  {
    what: 'a full disk',
    said: fatal('writing blob: write /x/layout/oci-put-blob1: no space left on device'),
    sentence: 'There is not enough space on the disk for the image small:1.',
    suggestion: 'dbns image prune',
  },
  {
    what: 'something new',
    said: fatal('gremlins'),
    sentence: `docker://${PLACE}:1 could not be made the image small:1.`,
    suggestion: '--as small:1',
  },
];

describe('what skopeo says becomes a sentence', () => {
  test.each(SAID)('$what', ({ said, sentence, suggestion }) => {
    const failure = skopeoFailure(said, ATTEMPT);
    expect(failure).toBeInstanceOf(MachineError);
    expect(failure.message.split('\n')[0]).toBe(sentence);
    expect(failure.suggestions.join('\n')).toContain(suggestion);
  });

  test.each([
    [
      'docker://a/b:2',
      'reading manifest 2 in a/b: manifest unknown: manifest unknown',
      'skopeo list-tags docker://a/b',
    ],
    ['oci:/srv/a:2', 'no descriptor found for reference "2"', 'cat /srv/a/index.json'],
    ['docker-archive:/a.tar', 'open /a.tar: no such file or directory', 'ls -l /a.tar'],
  ])('%s that is not there is not found', (words, said, suggestion) => {
    const failure = skopeoFailure(parsing(said), { ...ATTEMPT, reference: parseOciReference(words) });
    expect(failure).toBeInstanceOf(NotFoundError);
    expect(failure.message).toMatch(`There is no image ${words}.\n`);
    expect(failure.suggestions).toEqual([suggestion]);
  });

  test('an archive that skopeo does not read is told as such', () => {
    const said = fatal('Error parsing image name: loading tar component manifest.json: unexpected EOF');
    const reference = parseOciReference('docker-archive:/a.tar.gz');
    const { message, suggestions } = skopeoFailure(said, { ...ATTEMPT, reference });
    expect(message).toMatch("The archive /a.tar.gz can't be read: it is broken, or compressed.\n");
    expect(suggestions[0]).toBe('gunzip --keep /a.tar.gz');
  });

  test('their own words stand below, without their frame', () => {
    const { message } = skopeoFailure(fatal('no "gremlins" here'), ATTEMPT);
    expect(message).toMatch(/skopeo said:\n {2}no "gremlins" here$/);
  });
});
