import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../../src/errors/errors.js';
import { filterOf } from '../../../../src/lifecycle/network/capture.js';
import { sampleCluster } from '../../../fakes/cluster.js';

const { nodes } = sampleCluster(2);
const filter = (ports: readonly string[], words: readonly string[] = []) => filterOf(nodes, { ports, filter: words });

describe('filterOf', () => {
  test.each<[readonly string[], readonly string[], string]>([
    [[], [], ''],
    [[], [''], ''],
    [['replication'], [], 'port 4567'],
    [['client', '9999', '3306'], [], 'port 3306 or port 9999'],
    [[], ['host', 'node2', 'or', 'arp'], 'host node2 or arp'],
    [['client', 'sst'], ['host', 'a', 'or', 'arp'], '(port 3306 or port 4444) and (host a or arp)'],
    [[], ['len', '-', '4', '>', '60'], 'len - 4 > 60'],
  ])('%j %j: %s', (ports, words, expected) => {
    expect(filter(ports, words)).toBe(expected);
  });

  test.each<[readonly string[], readonly string[], string | RegExp]>([
    [['boss'], [], /no port of that name\. There are: client, replication, ist, sst; or write a number\.$/],
    [['constructor'], [], /no port of that name/],
    [['0'], [], '--port 0: ports are 1 to 65535.'],
    [['65536'], [], /ports are 1 to 65535/],
    [['-1'], [], /no port of that name/],
    [[], ['host', 'a', '-w', '/etc/passwd'], /^'-w' is an option of tcpdump/],
    [[], ['-zreboot'], /is an option of tcpdump/],
    [[], ['--count=1'], /is an option of tcpdump/],
  ])('refuses %j %j', (ports, words, message) => {
    expect(() => filter(ports, words)).toThrow(UsageError);
    expect(() => filter(ports, words)).toThrow(message);
  });
});
