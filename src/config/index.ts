export type { Config } from './schema';
