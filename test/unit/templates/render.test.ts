import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { render } from '../../../src/templates/render.js';

const place = {
  node: { index: 1, address: '10.200.0.2', socket: '/run/s' },
  listen: '0.0.0.0',
  data: '/d',
  basedir: null,
  certificate: null,
};

describe('render', () => {
  test('fills in values as they are, nothing escaped', () => {
    expect(render('mysqld/place.cnf', { ...place, data: `/d/<&>"'` })).toContain(`datadir                         = /d/<&>"'`);
  });

  test('a value that the template names and that was not given is an error', () => {
    expect(() => render('mysqld/place.cnf', { ...place, node: { index: 1, address: '10.200.0.2' } })).toThrow('socket');
    const { node, listen, basedir, certificate } = place;
    expect(() => render('mysqld/place.cnf', { node, listen, basedir, certificate })).toThrow('data');
  });

  test('so it is in a part that another template takes in', () => {
    expect(() => render('pxc/mariadb.cnf', { node: { name: 'n', server: 's' }, cluster: { name: 'c' } })).toThrow();
  });

  test('a template that is not there is an error', () => {
    expect(() => render('pxc/none.cnf', {})).toThrow('none.cnf');
  });

  test('takes in nothing but parts that are there', () => {
    const names = readdirSync(path.join(import.meta.dirname, '../../../templates'), { recursive: true, encoding: 'utf8' });
    expect(names).toContain('mysqld/memory.cnf.hbs');
    expect(names.filter((name) => name.includes('.') && !name.endsWith('.hbs'))).toEqual([]);
  });
});
