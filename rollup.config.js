// The types of the package's entry points, in few files: once for import, once for require.
import { dts } from 'rollup-plugin-dts';

const entries = (...names) => Object.fromEntries(names.map((name) => [name, `src/${name}.ts`]));

const types = (input, extension) => ({
  input,
  external: /^(node:|@?[a-z][^.]*$)/,
  plugins: [dts()],
  output: {
    dir: 'dist',
    entryFileNames: `[name].d.${extension}`,
    chunkFileNames: `chunks/[name].d.${extension}`,
  },
});

export default [
  types(entries('index', 'vitest/index', 'jest/index', 'node-test/index'), 'ts'),
  types(entries('index', 'jest/index', 'node-test/index'), 'cts'),
];
