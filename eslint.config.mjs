import js from '@eslint/js';
import tseslint from 'typescript-eslint';

// The direction of the arrows (see README, "Structure"): each folder may import only what stands below it.
const CORE = ['calls', 'routing', 'desk', 'directory', 'addressing', 'store'];
const EDGES = ['sip', 'h323', 'bfcp', 'media', 'phonebook', 'ldap', 'provisioning', 'federation', 'web', 'simulator', 'cli'];
const forbid = (folder, forbidden) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': ['error', {
      patterns: [{
        group: forbidden.flatMap((f) => [`**/../${f}`, `**/../${f}/**`]),
        message: `${folder}/ must not know these parts: arrows go from the edges to the core, never back.`,
      }],
    }],
  },
});
const others = (folder, allowed) =>
  [...CORE, ...EDGES, 'embedded', 'config', 'server'].filter((f) => f !== folder && !allowed.includes(f));

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'coverage/**'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: { require: 'readonly', module: 'writable', process: 'readonly', console: 'readonly', __dirname: 'readonly',
        Buffer: 'readonly', setTimeout: 'readonly', clearTimeout: 'readonly', setInterval: 'readonly', clearInterval: 'readonly', setImmediate: 'readonly', fetch: 'readonly' },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  forbid('store', others('store', [])),
  forbid('addressing', others('addressing', [])),
  forbid('directory', others('directory', ['addressing', 'store'])),
  forbid('desk', others('desk', ['directory', 'addressing', 'store'])),
  forbid('routing', others('routing', ['desk', 'directory', 'addressing', 'store'])),
  forbid('calls', others('calls', ['routing', 'desk', 'directory', 'addressing', 'store'])),
  ...['sip', 'media', 'phonebook', 'ldap', 'provisioning', 'federation', 'web'].map((f) => forbid(f, others(f, CORE))),
  forbid('h323', others('h323', [...CORE, 'bfcp'])),
  // Floor control is a library that stands alone.
  forbid('bfcp', others('bfcp', ['server'])),
  // The embedded engines stand alone: nothing of the rest of the program.
  forbid('embedded', [...CORE, ...EDGES, 'config', 'server', 'errors']),
);
