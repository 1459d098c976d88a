import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Command } from 'commander';
import type { CliContext } from '../../src/cli/context';
import { register } from '../../src/cli/directory';
import { loadConfig } from '../../src/config';

let folder: string;

async function run(...args: string[]): Promise<string> {
  let out = '';
  const context: CliContext = {
    config: async () => loadConfig({ file: join(folder, 'etasilta.yaml') }), print: (_, text) => { out += text(); },
    note: () => undefined, progress: () => undefined, json: false, stdin: Readable.from([]),
  };
  const program = new Command().exitOverride();
  register(program, context);
  for (const command of program.commands.flatMap((one) => [one, ...one.commands])) command.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(['directory', 'import-ptv', ...args], { from: 'user' });
  return out;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  writeFileSync(join(folder, 'etasilta.yaml'), 'dataDir: data\ndomain: palvelu.example\n');
  writeFileSync(join(folder, 'kela.json'), JSON.stringify([
    { id: 'a', organizationType: 'State', businessCode: '0246246-0', organizationNames: [{ language: 'fi', type: 'Name', value: 'Kela' }] },
    { id: 'b', serviceNames: [{ language: 'fi', type: 'Name', value: 'Neuvonta' }], organizations: [{ roleType: 'Responsible', organization: { id: 'a' } }] },
  ]));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the service catalogue is imported from files, tried first', async () => {
  const tried = await run(join(folder, 'kela.json'), '--add-services', '--dry-run');
  expect(tried).toBe('+ organisation kela\n+ service neuvonta.kela@palvelu.example\n2 added, 0 changed, 0 removed, 0 unchanged');
  expect(await run(join(folder, 'kela.json'))).toBe('1 added, 0 changed, 0 removed, 0 unchanged');
  expect(await run(join(folder, 'kela.json'), '--add-services')).toBe('1 added, 0 changed, 0 removed, 1 unchanged');
});

test('faults and wrong options are refused', async () => {
  await expect(run(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'import-refused', message: expect.stringContaining('cannot be read') });
  await expect(run(folder, '--max-lost', '200')).rejects.toMatchObject({ code: 'commander.invalidArgument' });
  await expect(run(folder, '--download', '1234567-8')).rejects.toMatchObject({ code: 'ptv' });
});
