import { describe, expect, test } from 'vitest';
import { withBlock } from '../../../../src/lifecycle/ground/borrowed-names.js';

const MARK = 'dbns:a1b2c3d4';
const LINES = ['10.200.0.2 node1', '10.200.0.3 node2'];

describe('names in a hosts file of somebody else', () => {
  test.each([
    ['nothing', ''],
    ['lines', '127.0.0.1 localhost\n::1 localhost\n'],
    ['a last line that does not end', '127.0.0.1 localhost\n172.17.0.2 app'],
    ['one line that does not end', '127.0.0.1 localhost'],
    ["another cluster's names", '127.0.0.1 localhost\n# dbns:00000000 begin\n10.1.0.2 node1\n# dbns:00000000 end\n'],
  ])('come to %s, are written anew, and go again without a trace', (_, text) => {
    const once = withBlock(text, MARK, LINES);
    expect(once).toContain('# dbns:a1b2c3d4 begin\n10.200.0.2 node1\n10.200.0.3 node2\n# dbns:a1b2c3d4 end\n');
    const again = withBlock(once, MARK, ['10.200.0.9 node7']);
    expect(again).not.toContain('node2');
    expect(again).toContain('10.200.0.9 node7\n');
    expect(withBlock(again, MARK, [])).toBe(text);
  });

  test('a mark without its other one is somebody’s text', () => {
    const half = '127.0.0.1 localhost\n# dbns:a1b2c3d4 begin\n';
    expect(withBlock(half, MARK, [])).toBe(half);
  });
});
