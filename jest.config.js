/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  setupFilesAfterEnv: ['<rootDir>/test/support/keep-sent.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } }] },
  testTimeout: 20_000,
  // Tests start servers and real programs, and wait for them for half of the time: three at a time keep two cores busy.
  maxWorkers: 3,
  testSequencer: '<rootDir>/scripts/longest-first.js',
};
