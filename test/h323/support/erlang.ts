import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** Compiled modules are kept between runs: a compilation of H.225.0 and H.245 takes half a minute. */
const CACHE = path.resolve(__dirname, '../../../node_modules/.cache/h323-oracle');
const COMPILE_LIMIT_MS = 600_000;
const ANSWER_LIMIT_MS = 300_000;
const OUTPUT_LIMIT = 512 * 1024 * 1024;

/** One task of the oracle, see oracle.erl. */
export type Task =
  | { task: 'encode'; module: string; type: string; term: string }
  | { task: 'decode'; module: string; type: string; octets: Buffer; term: string };

function run(program: string, args: string[], cwd: string, limit: number, input?: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, input, timeout: limit, maxBuffer: OUTPUT_LIMIT, encoding: 'latin1' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? ''} ${stderr.slice(0, 2_000)} ${stdout.slice(-1_000)}`);
  return stdout;
}

/** What `build` makes in a folder, kept under a hash of what it is made of. */
function cached(ingredients: unknown, build: (folder: string) => void): string {
  const key = createHash('sha256').update(JSON.stringify(ingredients)).digest('hex').slice(0, 16);
  const folder = path.join(CACHE, key);
  if (!fs.existsSync(folder)) {
    fs.mkdirSync(CACHE, { recursive: true });
    const draft = fs.mkdtempSync(`${folder}-`);
    build(draft);
    // Another test that compiled the same has been quicker, where this fails.
    if (!fs.existsSync(folder)) fs.renameSync(draft, folder);
  }
  return folder;
}

/** Erlang's aligned PER codec for ASN.1 modules: an implementation of X.691 that shares nothing with this program's. */
export class ErlangOracle {
  private constructor(private readonly folders: readonly string[]) {}

  /**
   * Compiles the modules (name to ASN.1 text), or takes what an earlier run compiled of the same texts. Sequences are maps; `records`
   * makes them records, because the maps of OTP 25 cannot hold groups of additions.
   */
  static compile(modules: Readonly<Record<string, string>>, sequencesAs: 'maps' | 'records' = 'maps'): ErlangOracle {
    const source = fs.readFileSync(path.join(__dirname, 'oracle.erl'), 'utf8');
    return new ErlangOracle([
      cached(source, (folder) => {
        fs.writeFileSync(path.join(folder, 'oracle.erl'), source);
        run('erlc', ['oracle.erl'], folder, COMPILE_LIMIT_MS);
      }),
      cached([modules, sequencesAs], (folder) => {
        for (const [name, text] of Object.entries(modules)) fs.writeFileSync(path.join(folder, `${name}.asn1`), text);
        for (const name of Object.keys(modules)) run('erlc', ['-bper', ...(sequencesAs === 'maps' ? ['+maps'] : []), `${name}.asn1`], folder, COMPILE_LIMIT_MS);
      }),
    ]);
  }

  /** The oracle's answers, one for each task. */
  answer(tasks: readonly Task[]): string[] {
    const lines = tasks.map((task) => (task.task === 'encode'
      ? ['encode', task.module, task.type, task.term]
      : ['decode', task.module, task.type, task.octets.toString('hex'), task.term]).join('\t'));
    const answers = run('erl', ['-noshell', '-pa', ...this.folders, '-s', 'oracle', 'main'], this.folders[0]!, ANSWER_LIMIT_MS, `${lines.join('\n')}\n`).trimEnd().split('\n');
    if (answers.length !== tasks.length) throw new Error(`${answers.length} answers to ${tasks.length} tasks`);
    return answers;
  }
}
