import { describe, expect, test } from 'vitest';
import { MachineError, UsageError } from '../../../src/errors/errors.js';
import { localMachine } from '../../../src/host/local-machine.js';
import type { Machine } from '../../../src/host/machine.js';
import { aptSources, debianCodename, findArchive, parseTargets, sourceLines } from '../../../src/images/apt-sources.js';

// Recorded on Debian 12 from `apt-get indextargets`, with and without --no-release-info; the hosts are replaced.
const BOOKWORM = [
  'Packages\tdeb\tmain\tDebian\tDebian\thttp://127.0.0.1/debian/\tbookworm\t/etc/apt/sources.list.d/debian.sources:1',
  'Packages\tdeb\tmain\tDebian\tDebian\thttp://127.0.0.1/debian/\tbookworm-updates\t/etc/apt/sources.list.d/debian.sources:1',
  'Packages\tdeb\tmain\tDebian\tDebian-Security\thttp://127.0.0.1/debian-security/\tbookworm-security\t/etc/apt/sources.list.d/debian.sources:2',
].join('\n');
const WITHOUT_LISTS = [
  'Packages\tdeb\tmain\t$(ORIGIN)\t$(LABEL)\thttps://127.0.0.2/\tbookworm\t/etc/apt/sources.list.d/a-vendor.list:1',
  'Packages\tdeb\tmain\t$(ORIGIN)\t$(LABEL)\thttp://127.0.0.1/debian/\tbookworm\t/etc/apt/sources.list:2',
  'Packages\tdeb\tmain\t$(ORIGIN)\t$(LABEL)\thttp://127.0.0.1/debian/\tbookworm\t/etc/apt/sources.list:2',
  'Packages\tdeb\tcontrib\t$(ORIGIN)\t$(LABEL)\thttp://127.0.0.1/debian/\tbookworm\t/etc/apt/sources.list:2',
  'Sources\tdeb-src\tmain\t$(ORIGIN)\t$(LABEL)\thttp://127.0.0.1/debian/\tbookworm\t/etc/apt/sources.list:3',
  'Packages\tdeb\tmain\t$(ORIGIN)\t$(LABEL)\thttp://127.0.0.1/debian-security/\tbookworm-security\t/etc/apt/sources.list:4',
].join('\n');
const UBUNTU =
  'Packages\tdeb\tmain\tUbuntu\tUbuntu\thttp://127.0.0.1/ubuntu/\tnoble\t/etc/apt/sources.list.d/ubuntu.sources:1';

const DEBIAN_12 = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n';
const UBUNTU_24 = 'ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n';

const noKeyring = () => null;

function linesFor(text: string, suite: string, codename: string | null = null): readonly string[] | null {
  const archive = findArchive(parseTargets(text), codename);
  return archive === null ? null : sourceLines(archive, suite, noKeyring);
}

describe('the archive of a machine', () => {
  test('serves other suites, with their updates and security fixes', () => {
    expect(linesFor(BOOKWORM, 'trixie')).toEqual([
      'deb http://127.0.0.1/debian trixie main',
      'deb http://127.0.0.1/debian trixie-updates main',
      'deb http://127.0.0.1/debian-security trixie-security main',
    ]);
  });

  test('has neither for sid', () => {
    expect(linesFor(BOOKWORM, 'sid')).toEqual(['deb http://127.0.0.1/debian sid main']);
  });

  test('is told by the name of its suite and its path when there are no lists', () => {
    expect(linesFor(WITHOUT_LISTS, 'bookworm')).toBeNull();
    expect(linesFor(WITHOUT_LISTS, 'bookworm', 'bookworm')).toEqual([
      'deb http://127.0.0.1/debian bookworm main',
      'deb http://127.0.0.1/debian-security bookworm-security main',
    ]);
  });

  test('is none of Ubuntu', () => {
    expect(linesFor(UBUNTU, 'bookworm')).toBeNull();
  });

  test('is found beside archives of others, and not taken from backports', () => {
    const backports = BOOKWORM.split('\n')[0]?.replace('\tbookworm\t', '\tbookworm-backports\t') ?? '';
    expect(linesFor([UBUNTU, backports].join('\n'), 'trixie')).toBeNull();
    expect(linesFor([UBUNTU, backports, BOOKWORM].join('\n'), 'trixie')).toHaveLength(3);
  });

  test('may be a list of mirrors', () => {
    const line = BOOKWORM.split('\n')[0]?.replace(
      'http://127.0.0.1/debian/',
      'mirror+file:/etc/apt/mirrors/debian.list/',
    );
    expect(linesFor(line ?? '', 'trixie')).toEqual(['deb mirror+file:/etc/apt/mirrors/debian.list trixie main']);
  });

  test('has its keyring in its lines', () => {
    const archive = findArchive(parseTargets(BOOKWORM), null);
    const lines = archive && sourceLines(archive, 'sid', ({ source }) => `/keys/${source.slice(-1)}.gpg`);
    expect(lines).toEqual(['deb [signed-by=/keys/1.gpg] http://127.0.0.1/debian sid main']);
  });
});

test('reads the release of a machine', () => {
  expect(debianCodename(DEBIAN_12)).toBe('bookworm');
  expect(debianCodename('ID=debian\n')).toBe('sid');
  expect(debianCodename(UBUNTU_24)).toBeNull();
});

describe('on a machine', () => {
  function machine(answers: { known: string; unknown: string; osRelease: string }): Machine {
    return {
      ...localMachine,
      which: (program) => `/usr/bin/${program}`,
      run: (argv) => {
        const stdout = argv.includes('--no-release-info') ? answers.unknown : answers.known;
        return Promise.resolve({ stdout, stderr: '', exitCode: 0 });
      },
      files: {
        ...localMachine.files,
        read: (file) => (file === '/etc/os-release' ? answers.osRelease : null),
        exists: (file) => file === '/usr/share/keyrings/debian-archive-keyring.gpg',
      },
    };
  }
  const KEYRING = '[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]';

  test("Debian's keyring stands in for a source that names none", async () => {
    const debian = machine({ known: BOOKWORM, unknown: '', osRelease: DEBIAN_12 });
    expect((await aptSources(debian, 'trixie'))[0]).toBe(`deb ${KEYRING} http://127.0.0.1/debian trixie main`);
  });

  test('without lists the release decides', async () => {
    const fresh = machine({ known: '', unknown: WITHOUT_LISTS, osRelease: DEBIAN_12 });
    expect(await aptSources(fresh, 'trixie')).toHaveLength(2);
  });

  test('without an archive of Debian the user is told to name one', async () => {
    const ubuntu = machine({ known: UBUNTU, unknown: WITHOUT_LISTS, osRelease: UBUNTU_24 });
    const failure = aptSources(ubuntu, 'trixie');
    await expect(failure).rejects.toBeInstanceOf(MachineError);
    await expect(failure).rejects.toMatchObject({
      suggestions: [expect.stringContaining('--mirror URI'), expect.anything()],
    });
  });

  test('a mirror that the user names is the only source', async () => {
    const ubuntu = machine({ known: UBUNTU, unknown: '', osRelease: UBUNTU_24 });
    expect(await aptSources(ubuntu, 'trixie', 'http://127.0.0.1:3142/debian/')).toEqual([
      `deb ${KEYRING} http://127.0.0.1:3142/debian trixie main`,
    ]);
  });

  test.each(['', 'debian', 'http://', 'http://a b', 'http://x] y', 'ftp://x', 'http:///x', 'http://x\ndeb http://y'])(
    'the mirror %j is refused',
    async (mirror) => {
      const debian = machine({ known: BOOKWORM, unknown: '', osRelease: DEBIAN_12 });
      await expect(aptSources(debian, 'trixie', mirror)).rejects.toBeInstanceOf(UsageError);
    },
  );
});
