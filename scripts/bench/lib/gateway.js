'use strict';
// The built program, `etasilta serve`, with a configuration and a directory of a bench's own.
const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { startProcess, stopProcess, waitUntil } = require('./process');

const MAIN = path.join(__dirname, '../../../dist/main.js');

/** Why there is no gateway to be run, or null. */
const whyNoGateway = () => (fs.existsSync(MAIN) ? null : 'dist/main.js is not built (npm run build)');

/** Starts it in a new folder below `folder`; settings and documents of the directory are written as JSON, which is YAML too. */
async function startGateway({ folder, settings, directory }) {
  const own = fs.mkdtempSync(path.join(folder, 'etasilta-'));
  const configuration = path.join(own, 'etasilta.yaml');
  const document = path.join(own, 'directory.yaml');
  fs.writeFileSync(document, JSON.stringify(directory));
  fs.writeFileSync(configuration, JSON.stringify({ dataDir: 'var', log: { level: 'error' }, ...settings }));
  const etasilta = (...args) => execFileSync(process.execPath, [MAIN, ...args, '--config', configuration], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  etasilta('directory', 'import', document);
  const gateway = startProcess(process.execPath, [MAIN, 'serve', '--json', '--config', configuration], { cwd: own });
  const stop = () => stopProcess(gateway);
  try {
    await waitUntil(() => gateway.output.includes('"ready":true'), gateway, 'the gateway');
  } catch (error) {
    await stop();
    throw error;
  }
  return { own, processes: { etasilta: gateway.pid }, openCalls: () => JSON.parse(etasilta('status', '--json')).calls.running, stop };
}

module.exports = { startGateway, whyNoGateway };
