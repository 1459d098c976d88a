'use strict';
// Runs the benches of this folder, each in a process of its own: all of them, or those named.
//   npm run bench [-- NAME...]
// A bench prints its tables, says what it left out and why, and keeps its last result in results/NAME.json.
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { describeMachine } = require('./lib/machine');

const benches = fs.readdirSync(__dirname).filter((name) => name.endsWith('.js') && name !== 'run.js').map((name) => name.slice(0, -3)).sort();
const wanted = process.argv.length > 2 ? process.argv.slice(2) : benches;
const unknown = wanted.find((name) => !benches.includes(name));
if (unknown) {
  console.error(`no bench is called "${unknown}"; there are: ${benches.join(', ')}`);
  process.exit(2);
}

const built = path.join(__dirname, '../../dist/main.js');
if (!fs.existsSync(built)) {
  const build = spawnSync('npm', ['run', 'build'], { cwd: path.join(__dirname, '../..'), stdio: 'inherit' });
  if (build.status !== 0) process.exit(1);
}

const machine = describeMachine();
console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, ${machine.kernel} ${machine.arch}`);
const failed = wanted.filter((name) => {
  console.log(`\n== ${name}`);
  return spawnSync(process.execPath, [path.join(__dirname, `${name}.js`)], { stdio: 'inherit' }).status !== 0;
});
if (failed.length > 0) {
  console.error(`\nfailed: ${failed.join(', ')}`);
  process.exit(1);
}
