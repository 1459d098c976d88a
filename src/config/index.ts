export type { Config } from './schema';
export { ConfigError, loadConfig, type LoadOptions } from './load';
export { configTemplate } from './template';
