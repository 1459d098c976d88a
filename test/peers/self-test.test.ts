import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { until } from './harness';

const ROOT = path.resolve(__dirname, '../..');

/** What a program said, standard output and standard error apart. */
interface Said {
  code: number | null;
  out: string;
  err: string;
}

describe('npm start', () => {
  let folder: string;
  const running = new Set<ChildProcess>();
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-start-'));
    configure({});
  });
  afterEach(async () => {
    // What a failing test leaves goes with the gateway that it has started: they are a process group.
    for (const child of running) {
      process.kill(-child.pid!, 'SIGKILL');
      await once(child, 'close');
    }
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const configure = (more: object): void => fs.writeFileSync(path.join(folder, 'etasilta.yaml'), stringify({
    dataDir: 'data', sip: { listen: ['sip:127.0.0.1:0;transport=udp,tcp'] }, ...more,
  }));

  /** The start script in a folder where everything is set up already; `watch` sees what it has said so far and may stop it. */
  function start(args: string[], watch?: (said: Said, stop: () => void) => void): Promise<Said> {
    const root = path.join(folder, 'checkout');
    if (!fs.existsSync(root)) {
      for (const made of ['scripts', 'src', 'dist']) fs.mkdirSync(path.join(root, made), { recursive: true });
      for (const name of ['start.js', 'setup.js']) fs.copyFileSync(path.join(ROOT, 'scripts', name), path.join(root, 'scripts', name));
      for (const name of ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json']) fs.copyFileSync(path.join(ROOT, name), path.join(root, name));
      fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(root, 'node_modules'));
      fs.symlinkSync(path.join(ROOT, 'dist/main.js'), path.join(root, 'dist/main.js'));
      fs.writeFileSync(path.join(root, 'dist/.built'), '');
      // Clearly later than the sources, whatever the file system's clock can tell apart.
      fs.utimesSync(path.join(root, 'dist/.built'), new Date(), new Date(Date.now() + 60_000));
    }
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [path.join(root, 'scripts/start.js'), ...args], {
        // Whatever were missing would be installed into the tree that this one borrows.
        cwd: folder, env: { ...process.env, npm_execpath: path.join(folder, 'no-npm.js') }, stdio: ['ignore', 'pipe', 'pipe'], detached: true,
      });
      running.add(child);
      const said: Said = { code: null, out: '', err: '' };
      for (const [stream, name] of [[child.stdout, 'out'], [child.stderr, 'err']] as const) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          said[name] += text;
          watch?.(said, () => child.kill('SIGTERM'));
        });
      }
      child.on('close', (code) => {
        running.delete(child);
        resolve({ ...said, code });
      });
    });
  }
  const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) as string;

  test('-- --once imports the pilot directory, proves a call between its two simulated endpoints and ends with code 0', async () => {
    const { code, out, err } = await start(['--once']);
    expect(lastLine(out)).toBe('self-test passed');
    for (const device of ['simulaattori-1', 'simulaattori-2']) expect(out).toMatch(new RegExp(`Registered +${device}@itsetesti\\.palvelu\\.example`));
    expect(out).toMatch(/Dialled +itsetesti\.fi@palvelu\.example from simulaattori-1@itsetesti\.palvelu\.example/);
    expect(out).toMatch(/Rang +simulaattori-2@itsetesti\.palvelu\.example after \d+ ms/);
    expect(out).toMatch(/Answered +simulaattori-2@itsetesti\.palvelu\.example after \d+ ms/);
    expect(out).toMatch(/Caller to callee +\d+ packets sent, [1-9]\d* received/);
    expect(out).toMatch(/Callee to caller +\d+ packets sent, [1-9]\d* received/);
    expect(err).toMatch(/Pilot directory imported: \d+ added/);
    expect(code).toBe(0);
  }, 60_000);

  test('a proof that fails says why in its last line, and the code is 1', async () => {
    fs.mkdirSync(path.join(folder, 'plans'));
    fs.writeFileSync(path.join(folder, 'plans', 'own.yaml'), 'searchRules:\n  - { name: nobody, priority: 1, target: { refuse: 403, reason: not today } }\n');
    configure({ dialplans: 'plans' });
    const { code, out } = await start(['--once']);
    expect(lastLine(out)).toMatch(/^self-test failed: the call to itsetesti\.fi@palvelu\.example was not answered: 403 Forbidden \(.*not today/);
    expect(code).toBe(1);
  }, 60_000);

  test.each([
    ['IPv6', 'sip:[::1]:0;transport=udp,tcp'], ['TCP', 'sip:127.0.0.1:0;transport=tcp'],
  ])('where SIP is listened for over %s alone, the media server is reached all the same', async (_, listen) => {
    configure({ sip: { listen: [listen] } });
    const { code, out } = await start(['--once']);
    expect(lastLine(out)).toBe('self-test passed');
    expect(code).toBe(0);
  }, 60_000);

  test('stays up after the proof, says what to try next, takes the calls that it names, and stops when told to', async () => {
    let stop: () => void = () => undefined;
    let heard = '';
    const ended = start([], ({ out }, stopIt) => {
      heard = out;
      stop = stopIt;
    });
    try {
      await until('it says what to try', () => heard.includes('how to mend it'), 50_000);
      expect(heard).toMatch(/self-test passed\n[^]*SIP at udp\/127\.0\.0\.1:\d+/);
      for (const command of ['directory search kela', 'route kela --explain', 'call itsetesti.fi', 'calls list', 'doctor']) expect(heard).toContain(`${command} `);
    } finally {
      stop();
    }
    expect((await ended).code).toBe(0);
  }, 90_000);
});
