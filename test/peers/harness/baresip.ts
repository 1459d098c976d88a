import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Child } from './child';
import { freePorts } from './ports';
import { PICTURE_POINTS, PICTURE_SIZE, readPicture, writeTestVideo, type TestPicture } from './test-picture';
import { until } from './until';
import { readWav, type Wav } from './wav';

export interface BaresipOptions {
  user: string;
  /** Domain of its address; absent: its own host and port, for calls without a registrar. */
  domain?: string;
  password?: string;
  /** Digest user name; default: `user`. */
  authUser?: string;
  /** `host:port` of the server that it registers with and sends everything through. */
  registrar?: string;
  /** `host:port` that everything is sent through where that is not the registrar, as over a relay. */
  proxy?: string;
  transport?: 'udp' | 'tcp' | 'tls';
  /** PEM file of the authority that it trusts, for TLS. */
  caFile?: string;
  /** `auto`: answers at once; `manual`: rings until `command('accept')`. Default `auto`. */
  answer?: 'auto' | 'manual';
  /** The tone that it speaks, Hz, 10 to 20,000. */
  toneHz: number;
  /** Audio codecs offered, e.g. `['pcma']`, `['pcmu']`, `['opus/48000/2']`. */
  codecs?: readonly string[];
  /** Keying that it demands: SDES (RFC 4568) or DTLS-SRTP (RFC 5763). Default: plain RTP. */
  encryption?: 'srtp-mand' | 'dtls_srtp';
  /** The picture that it shows, in H.264; without one it has no video. */
  picture?: TestPicture;
  /** Registration interval, seconds. */
  registrationSeconds?: number;
}

/** An event as baresip's ctrl_tcp module tells it, e.g. type `CALL_RINGING`, `CALL_ESTABLISHED`, `CALL_CLOSED`. */
export interface BaresipEvent {
  type: string;
  class: string;
  direction?: string;
  peeruri?: string;
  param?: string;
}

const EVENT_LIMIT = 1_000;
const COMMAND_LIMIT_MS = 5_000;
const SNAPSHOT_LIMIT_MS = 3_000;
const MODULES = ['/usr/lib/baresip/modules', '/usr/local/lib/baresip/modules', '/usr/lib/x86_64-linux-gnu/baresip/modules'];

/** A headless baresip: speaks a tone, records what it hears, driven over its control connection. */
export class Baresip {
  private readonly events: BaresipEvent[] = [];
  private readonly answers = new Map<string, (answer: { ok: boolean; data: string }) => void>();
  private commands = 0;
  private received = Buffer.alloc(0);

  private constructor(
    /** Where it can be called: `sip:user@host:port;transport=...`. */
    readonly uri: string,
    private readonly folder: string,
    private readonly child: Child,
    private readonly control: net.Socket,
  ) {
    control.on('data', (chunk) => this.receive(chunk));
    control.on('error', () => undefined);
    control.unref();
  }

  /** Starts one on ports of its own; resolves when it takes commands (registration comes later: `registration()`). */
  static async start(options: BaresipOptions): Promise<Baresip> {
    const transport = options.transport ?? 'udp';
    // SIP (and TLS on the next one), control, and a range for RTP.
    const port = await freePorts(24);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-baresip-'));
    fs.mkdirSync(path.join(folder, 'recordings'));
    fs.writeFileSync(path.join(folder, 'config'), config(options, port, folder));
    fs.writeFileSync(path.join(folder, 'accounts'), account(options, port));
    const child = new Child('baresip', ['-f', folder, '-v'], { cwd: folder });
    try {
      const control = await until(`baresip opens its control port`, () => (child.running ? connect(port + 2) : Promise.reject(new Error(child.output))));
      // Its TLS port is the one after that of UDP and TCP.
      return new Baresip(`sip:${options.user}@127.0.0.1:${transport === 'tls' ? port + 1 : port};transport=${transport}`, folder, child, control);
    } catch (error) {
      await child.stop();
      fs.rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** One command of baresip's menu by its long name: `dial`, `hangup`, `accept`, `hold`, `resume`, `sndcode`, ... */
  command(command: string, params = ''): Promise<{ ok: boolean; data: string }> {
    const token = String(++this.commands);
    const message = JSON.stringify({ command, params, token });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.answers.delete(token);
        reject(new Error(`baresip does not answer ${command} ${params}:\n${this.child.output.slice(-4_000)}`));
      }, COMMAND_LIMIT_MS);
      this.answers.set(token, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.control.write(`${Buffer.byteLength(message)}:${message},`);
    });
  }

  /** Dials a URI or a name; baresip adds the account's transport itself, and a second one would make the URI malformed. */
  async dial(address: string): Promise<void> {
    const answer = await this.command('dial', address.replace(/;transport=\w+/, ''));
    if (!answer.ok) throw new Error(`baresip does not dial ${address}: ${answer.data}`);
  }

  async hangUp(): Promise<void> {
    await this.command('hangup');
  }

  /** The next event of a type that nobody has waited for yet, past or to come. */
  async waitFor(type: string, limitMs = 15_000): Promise<BaresipEvent> {
    return until(`baresip tells ${type}`, () => {
      const at = this.events.findIndex((event) => event.type === type);
      if (at < 0 && !this.child.running) throw new Error(`baresip ended before ${type}:\n${this.child.output}`);
      return at < 0 ? undefined : this.events.splice(at, 1)[0];
    }, limitMs).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.child.output.slice(-4_000)}`);
    });
  }

  /**
   * The registrar's last answer as baresip logs it, e.g. `200 OK`, `403 Forbidden`. Read from the log, because the first
   * registration may be over before its events can be heard.
   */
  async registration(limitMs = 10_000): Promise<string> {
    return until(`baresip registers: ${this.child.output.slice(-2_000)}`, () =>
      [...this.child.output.matchAll(/\{\d+\/\w+\/v[46]\} (\d{3} [^\n]*?) \(/g)].at(-1)?.[1], limitMs);
  }

  /** What it heard in each of its calls so far, oldest first. Complete once the call is closed. */
  heard(): Wav[] {
    const folder = path.join(this.folder, 'recordings');
    return fs.readdirSync(folder).filter((name) => name.endsWith('-dec.wav')).sort().map((name) => readWav(path.join(folder, name)));
  }

  /**
   * Colours of the picture that it decoded last, at points of it; undefined where it has decoded none yet. Only for one with
   * a picture of its own.
   */
  async seen(points: readonly (readonly [number, number])[] = PICTURE_POINTS): Promise<number[][] | undefined> {
    const file = path.join(this.folder, 'seen.png');
    fs.rmSync(file, { force: true });
    await this.command('snapshot_recv', file);
    // The next decoded frame is written; the file is there before it is whole.
    return until('baresip writes what it sees', () => {
      try {
        return fs.existsSync(file) && readPicture(file, points);
      } catch {
        return undefined;
      }
    }, SNAPSHOT_LIMIT_MS).catch(() => undefined);
  }

  /** Its log, for messages on failure. */
  get log(): string {
    return this.child.output;
  }

  /** The program dies without a word to anyone: no BYE, no un-REGISTER. */
  async kill(): Promise<void> {
    this.child.signal('SIGKILL');
    await this.close();
  }

  async close(): Promise<void> {
    this.control.destroy();
    await this.child.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** ctrl_tcp speaks JSON in netstrings: `<length>:<json>,`. */
  private receive(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk]);
    for (;;) {
      const colon = this.received.indexOf(':');
      const length = Number(this.received.subarray(0, Math.max(colon, 0)).toString('latin1'));
      if (colon < 1 || this.received.length < colon + 1 + length + 1) return;
      const message = JSON.parse(this.received.subarray(colon + 1, colon + 1 + length).toString('utf8')) as Record<string, unknown>;
      this.received = this.received.subarray(colon + 1 + length + 1);
      if (message.event === true) {
        this.events.push(message as unknown as BaresipEvent);
        if (this.events.length > EVENT_LIMIT) this.events.shift();
      } else {
        const token = String(message.token);
        this.answers.get(token)?.({ ok: message.ok === true, data: String(message.data ?? '') });
        this.answers.delete(token);
      }
    }
  }
}

function connect(port: number): Promise<net.Socket | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

/** Everything without sound hardware: the source is a generated tone, the player a bridge to nowhere, hearing is recorded. */
function config(options: BaresipOptions, port: number, folder: string): string {
  return [
    'poll_method epoll',
    `sip_listen 127.0.0.1:${port}`,
    ...(options.caFile === undefined ? [] : [`sip_cafile ${options.caFile}`]),
    'net_interface 127.0.0.1',
    `rtp_ports ${port + 4}-${port + 22}`,
    `audio_source ausine,${options.toneHz}`,
    'audio_player aubridge,player',
    'audio_alert aubridge,alert',
    // What the ausine module makes; resampled to the codec's rate.
    'ausrc_srate 48000',
    'ausrc_channels 2',
    `module_path ${MODULES.find((where) => fs.existsSync(where)) ?? MODULES[0]}`,
    ...(options.picture === undefined ? [] : videoConfig(options.picture, folder)),
    ...['g711', 'g722', 'opus', 'ausine', 'aubridge', 'sndfile', 'srtp', 'dtls_srtp'].map((name) => `module ${name}.so`),
    'module_tmp uuid.so',
    'module_tmp account.so',
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    `ctrl_tcp_listen 127.0.0.1:${port + 2}`,
    `snd_path ${path.join(folder, 'recordings')}`,
    'ringback_disabled yes',
    'statmode_default off',
    '',
  ].join('\n');
}

/** H.264 in both packetization modes, with a file as camera; what comes in is decoded, and kept for snapshots only. */
function videoConfig(picture: TestPicture, folder: string): string[] {
  return [
    `video_source avformat,${writeTestVideo(picture, folder)}`,
    'video_display fakevideo,nil',
    `video_size ${PICTURE_SIZE.width}x${PICTURE_SIZE.height}`,
    `video_fps ${PICTURE_SIZE.framesPerSecond}`,
    'video_bitrate 500000',
    'avcodec_h264enc libx264',
    'avcodec_h264dec h264',
    ...['avcodec', 'avformat', 'fakevideo', 'swscale', 'snapshot'].map((name) => `module ${name}.so`),
  ];
}

function account(options: BaresipOptions, port: number): string {
  const transport = options.transport ?? 'udp';
  const params = [
    `answermode=${options.answer ?? 'auto'}`,
    `audio_codecs=${(options.codecs ?? ['pcma', 'pcmu']).join(',')}`,
    `regint=${options.registrar === undefined ? 0 : options.registrationSeconds ?? 600}`,
  ];
  if (options.picture !== undefined) params.push('video_codecs=h264');
  if (options.encryption !== undefined) params.push(`mediaenc=${options.encryption}`);
  if (options.password !== undefined) params.push(`auth_user=${options.authUser ?? options.user}`, `auth_pass=${options.password}`);
  const proxy = options.proxy ?? options.registrar;
  if (proxy !== undefined) params.push(`outbound="sip:${proxy};transport=${transport}"`);
  return `<sip:${options.user}@${options.domain ?? `127.0.0.1:${port}`};transport=${transport}>;${params.join(';')}\n`;
}
