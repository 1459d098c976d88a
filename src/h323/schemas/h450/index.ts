export * from './addressing';
export * from './apdu';
export * from './diversion';
export * from './extension';
export * from './hold';
export * from './operations';
export * from './transfer';
