import path from 'node:path';
import type { Config } from '../config';

/** Where the gateway of this configuration listens for the command line. */
export const controlSocket = (config: Config): string => path.join(config.dataDir, 'control.sock');
