import { expect, test } from 'vitest';
import { readDelays } from '../../../../src/lifecycle/faults/delay-matrix.js';

const NAMES = ['node1', 'node2', 'node3'];
const read = (text: string, roundTrip = false) =>
  readDelays({ file: 'm', text, roundTrip }, NAMES).map(({ from, to, delay }) => `${from} ${to} ${delay}`);

const ONE_WAY = ['node1 node2 10', 'node2 node1 0.5'];

test('a table between blanks, or commas, with a cell over the names or none', () => {
  expect(read('\n node1 node2 # one way\nnode1 - 10\n\nnode2 500us 0\n')).toEqual(ONE_WAY);
  expect(read('from,node1,node2\r\nnode1,,10ms\r\nnode2,0.5,-\r\n')).toEqual(ONE_WAY);
  expect(read(',node1,node2\nnode1,,0.01s\nnode2,0.5,\n')).toEqual(ONE_WAY);
});

test('of a round trip half goes each way, and one half of the table is enough', () => {
  const both = ['node1 node2 5', 'node2 node1 5'];
  expect(read('node1 node2\nnode1 - 10\nnode2 - -', true)).toEqual(both);
  expect(read('node1 node2\nnode1 - 10\nnode2 10 -', true)).toEqual(both);
});

test.each([
  ['', 'm has no table'],
  ['node1 node2\n', 'm has no table'],
  ['node1 node9\nnode1 - 1\nnode9 1 -', "m:1: 'node9' is not in the cluster: there are node1, node2, node3."],
  ['node1 node1\nnode1 - 1\nnode1 1 -', 'm:1: node1 is there twice.'],
  ['node1 node2\nnode1 - 1\nnode3 1 -', "m:3: 'node3' is not among the names of the first line."],
  ['node1 node2\nnode1 - 1\nnode1 1 -', 'm:3: there are two lines for node1.'],
  ['node1 node2\nnode1 - 1\n# two\nnode2 1', 'm:4: 1 values for 2 names: node1, node2.'],
  ['node1 node2\nnode1 - 1', 'm:1: there is no line for node2.'],
  ['node1 node2\nnode1 - soon\nnode2 1 -', "m:2: 'soon' is no delay"],
  ['node1 node2\nnode1 - -5\nnode2 1 -', "m:2: '-5' is no delay"],
  ['node1 node2\nnode1 4 1\nnode2 1 -', 'm:2: nothing goes from node1 to itself'],
  ['node1 node2\nnode1 - 0\nnode2 - -', 'm has no delay in it'],
])('%j is refused: %s', (text, told) => {
  expect(() => read(text)).toThrow(told);
});

test('both ways of a round trip say the same', () => {
  expect(() => read('node1 node2\nnode1 - 10\nnode2 12 -', true)).toThrow(
    'm:2: node1 to node2 and back takes 10 ms, and 12 ms in line 3.',
  );
});
