export type { Config } from './schema';
export { ConfigError, DEFAULT_FILE, loadConfig, type LoadOptions } from './load';
export { configTemplate } from './template';
