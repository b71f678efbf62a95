import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const nodeGlobals = Object.fromEntries(
  [
    ...[
      'AbortController',
      'AbortSignal',
      'Buffer',
      'URL',
      'clearInterval',
      'clearTimeout',
      'console',
      'fetch',
      'module',
    ],
    ...['performance', 'process', 'setImmediate', 'setInterval', 'setTimeout', 'structuredClone'],
  ].map((name) => [name, 'readonly']),
);

export default defineConfig(
  globalIgnores(['dist', 'coverage', 'examples', '.examples-*']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name: only oclif commands have a default export.' },
        {
          selector: "BinaryExpression[operator='instanceof'][right.name='Error']",
          message: "isError: node's own errors are of another realm in jest.",
        },
      ],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme'] }],
    },
  },
  { files: ['test/**', 'bench/**'], rules: { 'no-restricted-syntax': 'off' } },
  // oclif finds a command by its default export, and a tool its configuration.
  { files: ['src/commands/**', '*.config.{js,ts}'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['**/*.{js,mjs,cjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: nodeGlobals },
  },
  {
    files: ['bin/*.js'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { require: 'readonly', exports: 'readonly', __dirname: 'readonly' },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  prettier,
);
