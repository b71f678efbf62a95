import { expect, test } from 'vitest';
import { forShow } from '../../../../src/lifecycle/reach/for-show.js';

test('how to show text passes; where to go, as whom, and what to load does not', () => {
  const passes = { TERM: 'xterm', LANG: 'C', LC_ALL: 'C', LC_CTYPE: 'C', PAGER: 'less -S', HOME: '/root', TZ: 'UTC' };
  const stays = {
    ...{ MYSQL_HOST: 'h', MYSQL_PWD: 'p', MARIADB_HOST: 'h', LIBMYSQL_PLUGIN_DIR: '/x', MYSQL_HOME: '/x' },
    ...{ LD_PRELOAD: '/x.so', PATH: '/x', PWD: '/x', DBNS_PASSWORD: 'p', VISUAL: undefined },
  };
  expect(forShow({ ...stays, ...passes })).toEqual(passes);
});
