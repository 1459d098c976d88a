'use strict';
/** `npm start [-- --once] [-- other options of serve]`: set-up, then the gateway with its self-test. */
const { spawn } = require('node:child_process');
const os = require('node:os');
const path = require('node:path');
const { setInterval } = require('node:timers');
const { ROOT, setUp, reportFailure } = require('./setup');

function serve() {
  const child = spawn(process.execPath, [path.join(ROOT, 'dist/main.js'), 'serve', '--self-test', ...process.argv.slice(2)],
    // Unless asked for, no log among what the self-test prints.
    { stdio: 'inherit', env: { ETASILTA_LOG_LEVEL: 'warn', ...process.env } });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // A terminal's Ctrl-C reaches the gateway by itself: passed on, it would count as a second one.
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  // npm stopped by a signal takes the shell between with it and tells nobody else.
  if (process.env.npm_lifecycle_event) {
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent && !child.killed) child.kill('SIGTERM');
    }, 1000).unref();
  }
  child.on('error', (error) => {
    reportFailure(error);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + os.constants.signals[signal];
  });
}

setUp().then(serve).catch((error) => {
  reportFailure(error);
  process.exitCode = 1;
});
