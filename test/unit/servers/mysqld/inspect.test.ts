import { expect, test } from 'vitest';
import { directoryImage } from '../../../../src/images/local-images.js';
import { inspectMysqld } from '../../../../src/servers/mysqld/inspect.js';
import { fakeMachine } from '../../../fakes/machine.js';

test.each(['lib', 'lib64', 'lib/galera', 'lib64/galera-4'])(
  'the Galera library of a tree is its own, in %s, and not the machine’s',
  async (place) => {
    const library = `${place}/libgalera_smm.so`;
    const files = ['/opt/db/sbin/mariadbd', `/opt/db/${library}`, '/usr/lib/galera/libgalera_smm.so'];
    const machine = fakeMachine({
      files: Object.fromEntries(files.map((file) => [file, ''])),
      answer: () => ({ stdout: 'mariadbd  Ver 10.11.19-MariaDB for Linux on x86_64' }),
    });
    const { programs } = await inspectMysqld(machine, await directoryImage(machine, '/opt/db'));
    expect(programs).toMatchObject({ server: '/opt/db/sbin/mariadbd', galera: `/opt/db/${library}` });
  },
);
