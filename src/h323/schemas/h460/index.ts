export * from './features';
export * from './traversal';
