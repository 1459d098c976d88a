export * from './values';
export * from './protected';
export * from './keys';
export * from './tokens';
