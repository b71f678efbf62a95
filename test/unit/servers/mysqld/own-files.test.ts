import { expect, test } from 'vitest';
import { asSeenInside, ownFiles } from '../../../../src/servers/mysqld/own-files.js';

const OPTIONS = [
  { key: 'ssl-cert', value: '/srv/own.pem' },
  { key: 'ssl_key', value: '"/srv/a b/own.pem"' },
  { key: 'ssl_ca', value: '/srv/own.pem' },
  { key: 'ssl_cipher', value: 'AES' },
];

test('each file has one place inside, however many options name it', () => {
  expect(ownFiles(OPTIONS)).toEqual({
    '/srv/own.pem': '/run/dbns-tls/1-own.pem',
    '/srv/a b/own.pem': '/run/dbns-tls/2-own.pem',
  });
});

test('options name that place; those without files stay as they are', () => {
  expect(asSeenInside(OPTIONS).map(({ value }) => value)).toEqual([
    '/run/dbns-tls/1-own.pem',
    '/run/dbns-tls/2-own.pem',
    '/run/dbns-tls/1-own.pem',
    'AES',
  ]);
});
