'use strict';
// Processes as /proc shows them: CPU time of all threads, resident memory, sockets. Linux only, as sipp's rates are.
const fs = require('node:fs');
const { spawn, execFileSync } = require('node:child_process');

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const PAGE_BYTES = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }));

const readOrNull = (file) => {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return null;
  }
};

/** User and system CPU time of a process and all its threads in ms, or null when it is gone (proc(5): fields 14, 15). */
function cpuMs(pid) {
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (!stat) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

/** Busy time of the whole machine in ms over all cores (proc(5): /proc/stat without idle and iowait). */
function machineBusyMs() {
  const fields = fs.readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1).map(Number);
  const [user, nice, system, , , irq, softirq, steal] = fields;
  return ((user + nice + system + irq + softirq + steal) * 1000) / TICKS_PER_SECOND;
}

/** Resident memory of a process in MiB, or null when it is gone. */
function residentMiB(pid) {
  const statm = readOrNull(`/proc/${pid}/statm`);
  return statm ? (Number(statm.split(' ')[1]) * PAGE_BYTES) / 2 ** 20 : null;
}

/** How many sockets a process holds open, or null when it is gone or not ours to look at. */
function openSockets(pid) {
  return socketInodes(pid)?.length ?? null;
}

function socketInodes(pid) {
  try {
    return fs.readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        const match = /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`/proc/${pid}/fd/${fd}`));
        return match ? [match[1]] : [];
      } catch {
        return []; // closed between the two looks
      }
    });
  } catch {
    return null;
  }
}

/** The process of this machine that listens on a TCP port, or null when none is found. */
function listenerOnTcpPort(port) {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const LISTEN = '0A';
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => (readOrNull(file) ?? '').split('\n').slice(1)
    .map((row) => row.trim().split(/\s+/))
    .filter((row) => row[1]?.endsWith(`:${hexPort}`) && row[3] === LISTEN)
    .map((row) => row[9])));
  if (inodes.size === 0) return null;
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (socketInodes(pid)?.some((inode) => inodes.has(inode))) return Number(pid);
  }
  return null;
}

/** Programs that run; whatever ends this process ends them. */
const running = new Set();
process.once('exit', () => { for (const child of running) child.kill('SIGKILL'); });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

/** Starts a program whose output is kept (its last 4,000 characters) for the error message when it fails. */
function startProcess(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const started = { child, pid: child.pid, output: '', exited: null };
  const keep = (chunk) => { started.output = (started.output + chunk).slice(-4000); };
  running.add(child);
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  started.exited = new Promise((resolve) => {
    child.on('error', (error) => { running.delete(child); keep(error.message); resolve(-1); });
    child.on('exit', (code, signal) => { running.delete(child); resolve(code ?? signal); });
  });
  return started;
}

/** Ends a program that `startProcess` started: politely, then after `graceMs` by force. */
async function stopProcess(started, graceMs = 5000) {
  if (started.child.exitCode != null || started.child.signalCode != null) return;
  started.child.kill('SIGTERM');
  const force = setTimeout(() => started.child.kill('SIGKILL'), graceMs);
  await started.exited;
  clearTimeout(force);
}

/** Waits until `condition()` is truthy; throws with what the program said when it ends or `limitMs` passes before. */
async function waitUntil(condition, started, what, limitMs = 20_000) {
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    if (await condition()) return;
    if (started.child.exitCode != null) break;
    await delay(100);
  }
  throw new Error(`${what} is not up: ${started.output.trim() || 'it said nothing'}`);
}

const delay = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

module.exports = {
  cpuMs, machineBusyMs, residentMiB, openSockets, listenerOnTcpPort, startProcess, stopProcess, waitUntil, delay,
};
