'use strict';
// Writes a made-up directory of any size as files that can be imported. Equal seeds and sizes give equal files.
//   node scripts/generate-directory.js [--municipalities 300] [--services 20000] [--devices 40000] [--persons 600000]
//                                      [--seed 1] [--format csv|yaml] --out DIR
// Run `npm run build` first. The defaults are a whole country; YAML files are imported up to 32 MiB each, so take CSV for that.
const { parseArgs } = require('node:util');
const { sampleDirectory } = require('../dist/directory/sample');
const { writeSample } = require('../dist/directory/sample/write');

const SIZES = { municipalities: '300', services: '20000', devices: '40000', persons: '600000', seed: '1' };

async function main() {
  const options = Object.fromEntries([...Object.entries(SIZES), ['format', 'csv'], ['out', undefined]].map(([name, value]) => [name, { type: 'string', ...(value && { default: value }) }]));
  const { values } = parseArgs({ options });
  if (!values.out) throw new Error('--out DIR is missing');
  if (!['csv', 'yaml'].includes(values.format)) throw new Error(`--format: "${values.format}" is neither csv nor yaml`);
  const size = Object.fromEntries(Object.keys(SIZES).map((name) => {
    const number = Number(values[name]);
    if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name}: "${values[name]}" is not a whole number`);
    return [name, number];
  }));
  await writeSample(sampleDirectory(size), values.out, values.format, (file) => console.error(`writing ${file}`));
}

main().catch((error) => { console.error(error.message); process.exitCode = 2; });
