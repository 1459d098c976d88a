import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { withDebian } from '../../h323/support/debian';

const SOURCE = path.join(__dirname, 'libre-peer.c');
const CACHE = path.resolve(__dirname, '../../../node_modules/.cache/bfcp-libre');
const LIBRARIES = path.join(CACHE, 'usr/lib', process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu');
/** As Debian builds libre; the layout of its structures depends on them. */
const DEFINES = ['-DHAVE_INTTYPES_H', '-DHAVE_STDBOOL_H', '-DHAVE_INET6'];

/** The compiled peer, or why there is none. Debian's libre is unpacked, not installed. */
export function libreProgram(): { program: string } | { missing: string } {
  if (!fs.existsSync(LIBRARIES) && !fetch()) return { missing: 'libre cannot be had from Debian' };
  const program = path.join(CACHE, `peer-${createHash('sha256').update(fs.readFileSync(SOURCE)).digest('hex').slice(0, 16)}`);
  if (fs.existsSync(program)) return { program };
  const include = path.join(CACHE, 'usr/include');
  const draft = `${program}-${process.pid}`;
  const { status, stderr } = spawnSync('gcc', ['-O1', ...DEFINES, '-I', path.join(include, 're'), '-I', include, '-o', draft, SOURCE, path.join(LIBRARIES, 'libre.so.0')], { encoding: 'utf8' });
  if (status !== 0) return { missing: `libre's peer is not compiled: ${stderr ?? 'no gcc'}` };
  fs.renameSync(draft, program);
  return { program };
}

function fetch(): boolean {
  return withDebian('deb', undefined, (folder, apt, run) => {
    if (!apt('download', 'libre0', 'libre-dev')) return false;
    const unpacked = path.join(folder, 'root');
    for (const archive of fs.readdirSync(folder).filter((name) => name.endsWith('.deb'))) if (!run('dpkg-deb', '-x', archive, unpacked)) return false;
    fs.mkdirSync(path.dirname(CACHE), { recursive: true });
    fs.cpSync(unpacked, CACHE, { recursive: true, verbatimSymlinks: true });
    return true;
  }) ?? false;
}

/** A running peer; each message that it prints is given once, spaces taken together. */
export class LibrePeer {
  private text = '';
  private waiting: (() => void) | undefined;

  private constructor(private readonly child: ChildProcess) {
    child.stdout!.on('data', (chunk: Buffer) => { this.text += chunk.toString('utf8'); this.waiting?.(); });
    child.stderr!.on('data', () => undefined);
  }

  static start(program: string, ...args: (string | number)[]): LibrePeer {
    return new LibrePeer(spawn(program, args.map(String), { env: { ...process.env, LD_LIBRARY_PATH: LIBRARIES }, stdio: ['pipe', 'pipe', 'pipe'] }));
  }

  tell(line: string): void {
    this.child.stdin!.write(`${line}\n`);
  }

  async next(): Promise<string> {
    for (;;) {
      const end = this.text.indexOf('\n--\n');
      if (end !== -1) {
        const message = this.text.slice(0, end);
        this.text = this.text.slice(end + 4);
        return message.split('\n').map((line) => line.trim().replace(/ +/g, ' ')).join('\n');
      }
      await new Promise<void>((resolve) => { this.waiting = resolve; });
    }
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    this.child.kill('SIGKILL');
    await ended;
  }
}
