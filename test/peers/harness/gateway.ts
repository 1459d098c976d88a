import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { Child } from './child';
import { until } from './until';

const ROOT = path.resolve(__dirname, '../../..');
const PROGRAM = path.join(ROOT, 'dist/main.js');
const READY_LIMIT_MS = 30_000;

export interface GatewayOptions {
  /** Keys of the configuration file besides `dataDir`. */
  config?: Record<string, unknown>;
  /** Imports the pilot directory. */
  pilot?: boolean;
  env?: NodeJS.ProcessEnv;
}

/** What a finished command line gave. */
export interface CommandResult {
  code: number | NodeJS.Signals;
  output: string;
}

/** The built program as a process of its own, with a configuration file and a data folder of its own. */
export class GatewayProcess {
  /** Where it listens, `udp/127.0.0.1:PORT` and so on. */
  contacts: string[] = [];
  private child: Child | undefined;

  private constructor(readonly folder: string, private readonly options: GatewayOptions) {}

  /** Starts it and waits until it says that it takes calls. */
  static async start(options: GatewayOptions = {}): Promise<GatewayProcess> {
    if (!fs.existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: run \`npm run build\`, or test with \`npm test\`, which builds`);
    const gateway = new GatewayProcess(fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-process-')), options);
    fs.writeFileSync(gateway.configFile, stringify({
      dataDir: gateway.dataDir, sip: { listen: ['sip:127.0.0.1:0;transport=udp,tcp'] }, calls: { media: 'direct' }, ...options.config,
    }));
    try {
      await gateway.run();
      return gateway;
    } catch (error) {
      await gateway.stop();
      throw error;
    }
  }

  get configFile(): string {
    return path.join(this.folder, 'etasilta.yaml');
  }

  get dataDir(): string {
    return path.join(this.folder, 'data');
  }

  /** Standard output and logs of the running (or last) process. */
  get output(): string {
    return this.child?.output ?? '';
  }

  /** `127.0.0.1:PORT` of a transport. */
  address(transport: string): string {
    const contact = this.contacts.find((each) => each.startsWith(`${transport}/`));
    if (contact === undefined) throw new Error(`the gateway does not listen on ${transport}: ${this.contacts.join(', ')}`);
    return contact.slice(transport.length + 1);
  }

  /** Process ID of the running (or last) process. */
  get pid(): number {
    return this.child?.process.pid ?? 0;
  }

  /** Asks it to end, as a service manager does; resolves its exit code. */
  async terminate(): Promise<number | NodeJS.Signals> {
    this.child?.signal('SIGTERM');
    return (await this.child?.ended) ?? 0;
  }

  /** A crash: the process is gone at once, nothing is written, nobody is told. */
  async kill(): Promise<void> {
    this.child?.signal('SIGKILL');
    await this.child?.ended;
  }

  /** Starts it again on the same data and the same ports. */
  async restart(): Promise<void> {
    await this.child?.stop();
    fs.writeFileSync(this.configFile, stringify({
      dataDir: this.dataDir, ...this.options.config,
      sip: { ...(this.options.config?.sip as object | undefined), listen: this.contacts.map((contact) => contact.replace(/^(\w+)\/(.*)$/, 'sip:$2;transport=$1')) },
    }));
    await this.run();
  }

  /** Runs `etasilta ARGS` with the same configuration to its end. */
  async command(...args: string[]): Promise<CommandResult> {
    const child = new Child(process.execPath, [PROGRAM, '--config', this.configFile, ...args], { cwd: this.folder });
    return { code: await child.ended, output: child.output };
  }

  /** Ends it in order and removes its folder. */
  async stop(): Promise<void> {
    await this.child?.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private async run(): Promise<void> {
    const args = ['--config', this.configFile, '--json', 'serve', ...(this.options.pilot ? ['--pilot'] : [])];
    const child = new Child(process.execPath, [PROGRAM, ...args], { cwd: this.folder, env: { ...process.env, ...this.options.env } });
    this.child = child;
    const ready = await until('the gateway says that it is ready', () => {
      const line = /^\{"ready":true.*\}$/m.exec(child.output)?.[0];
      if (line === undefined && !child.running) throw new Error(`the gateway ended:\n${child.output}`);
      return line;
    }, READY_LIMIT_MS).catch(async (error: Error) => {
      await child.stop();
      throw new Error(`${error.message}\n${child.output}`);
    });
    this.contacts = (JSON.parse(ready) as { sip: string[] }).sip;
  }
}
