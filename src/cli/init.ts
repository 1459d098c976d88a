import fs from 'node:fs';
import path from 'node:path';
import { configTemplate } from '../config';
import { EtasiltaError } from '../errors';
import type { RegisterCommands } from './context';

export const register: RegisterCommands = (program, context) => {
  program.command('init')
    .description('write a commented configuration with every setting')
    .argument('[file]', 'where to write it', 'etasilta.yaml')
    .option('--print', 'print it instead')
    .option('--force', 'replace a file that is there')
    .addHelpText('after', `
Examples:
  etasilta init                      etasilta.yaml in this folder
  etasilta init /etc/etasilta.yaml   somewhere else
  etasilta init --print | less       read what can be set`)
    .action((file: string, options: { print?: boolean; force?: boolean }) => {
      if (options.print) {
        context.print({ template: configTemplate() }, configTemplate);
        return;
      }
      try {
        fs.writeFileSync(file, configTemplate(), { flag: options.force ? 'w' : 'wx', mode: 0o640 });
      } catch (error) {
        const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
        throw new EtasiltaError('init', `${file} ${exists ? 'is there already' : `cannot be written: ${(error as Error).message}`}.`,
          { hint: exists ? 'Use --force to replace it.' : undefined });
      }
      context.print({ file: path.resolve(file) }, () => `${file} written. Next: edit it, then \`etasilta serve --config ${file}\`.`);
    });
};
