import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Channel } from '../channel';
import type { Control } from '../control';
import type { EventListener } from '../event-bus';
import type { ServerEvent } from '../event';
import { CommandError, CommandReader, type Command } from './command-reader';
import { channelDataReply } from './channel-data';
import { Listening } from './listening';
import { sendMessage } from './send-message';
import { split } from './split';

const FAREWELL = 'Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n';
/** A reader that leaves more than this unread is disconnected: nobody else waits for it. */
const MAXIMUM_QUEUED = 8 * 1024 * 1024;
const FAREWELL_MS = 10_000;
/** What their replies say stands below their line. */
const NEEDS_HEADERS: ReadonlySet<string> = new Set(['bgapi', 'sendevent']);

/**
 * One connection of the event socket. `channel` is the one that an outbound connection was made for. `authenticate`
 * is what the inbound side demands first.
 */
export class EslConnection implements EventListener {
  private readonly reader = new CommandReader();
  private readonly listening: Listening;
  private trusted = false;
  private working = false;
  /** The message that is being read has its reply already. */
  private answered = false;
  private ended = false;
  private lingering: NodeJS.Timeout | undefined;
  /** Tells the owner once that the connection is gone. */
  onClosed: () => void = () => undefined;

  constructor(
    private readonly socket: Socket, private readonly control: Control, private readonly channel: Channel | undefined,
    private readonly authenticate: ((password: string) => boolean) | undefined,
  ) {
    this.listening = new Listening(control, channel);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 45_000);
    socket.on('data', (bytes: Buffer) => this.receive(bytes));
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
    control.events.add(this);
    if (authenticate === undefined) this.reader.trust();
    else this.write('Content-Type: auth/request\n\n');
  }

  /** The channel goes on without this connection. */
  get resumes(): boolean {
    return this.listening.resumes;
  }

  get authenticated(): boolean {
    return this.authenticate === undefined || this.trusted;
  }

  get onlyChannel(): string | undefined {
    return this.listening.subscription.onlyChannel;
  }

  wants(name: string, subclass: string | undefined): boolean {
    return this.listening.subscription.wants(name, subclass);
  }

  notify(event: ServerEvent): void {
    if (!this.listening.subscription.passes(event)) return;
    const text = event.serialize(this.listening.subscription.format);
    this.write(`Content-Length: ${Buffer.byteLength(text)}\nContent-Type: text/event-${this.listening.subscription.format}\n\n${text}`);
  }

  /** The channel has ended: what was to be said has been said. With `linger` the application may go on reading for a while. */
  channelEnded(): void {
    if (this.ended) return;
    if (this.listening.lingerSeconds === 0 || !this.control.mayLinger) return this.end();
    this.lingering = setTimeout(() => this.end(), this.listening.lingerSeconds * 1000);
    this.write(this.notice(`Content-Disposition: linger\nChannel-Name: ${this.channel?.name ?? ''}\nLinger-Time: ${this.listening.lingerSeconds}\n`));
  }

  /** Says goodbye and closes. */
  end(): void {
    if (this.ended) return;
    this.write(this.notice('Content-Disposition: disconnect\n'));
    this.socket.destroySoon();
    // Who does not even read this has had his time.
    this.socket.setTimeout(FAREWELL_MS, () => this.socket.destroy());
    this.leave();
  }

  close(): void {
    this.socket.destroy();
    this.leave();
  }

  private leave(): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.lingering);
    this.control.events.remove(this);
    this.onClosed();
  }

  private notice(disposition: string): string {
    const own = this.channel === undefined ? '' : `Controlled-Session-UUID: ${this.channel.uuid}\n${disposition}`;
    return `Content-Type: text/disconnect-notice\n${own}Content-Length: ${FAREWELL.length}\n\n${FAREWELL}`;
  }

  private receive(bytes: Buffer): void {
    this.reader.push(bytes);
    if (!this.working) this.work();
  }

  /** Carries commands out one after the other; while one is under way nothing more is read. */
  private work(): void {
    try {
      for (let command = this.reader.next(); command !== undefined && !this.ended; command = this.reader.next()) {
        if (this.settle(this.execute(command))) return;
      }
      if (!this.ended) this.anticipate();
    } catch (error) {
      if (error instanceof CommandError) this.control.log('warn', 'event-socket-refused', { address: this.socket.remoteAddress, reason: error.message });
      else this.control.fault('event-socket', error);
      this.close();
    }
  }

  /** Waits for what a command has begun; true when there is something to wait for. */
  private settle(done: Promise<void> | undefined): boolean {
    if (done === undefined) return false;
    this.working = true;
    this.socket.pause();
    void done.finally(() => {
      this.working = false;
      this.socket.resume();
      this.work();
    });
    return true;
  }

  /** Answers a command as soon as its line says all that the answer depends on. */
  private anticipate(): void {
    const line = this.reader.loneLine;
    const { word } = split(line ?? '');
    if (line === undefined || NEEDS_HEADERS.has(word)) return;
    if (word === 'sendmsg') {
      if (!this.answered) this.reply(this.messageReply(split(line).rest));
      this.answered = true;
      return;
    }
    this.reader.takeLine();
    this.settle(this.execute({ line, headers: new Map(), fields: [], body: '' }));
  }

  private execute(command: Command): Promise<void> | undefined {
    const { word, rest } = split(command.line);
    if (!this.authenticated) return this.greet(word, rest);
    switch (word) {
      case 'api':
        return this.api(rest);
      case 'bgapi':
        return this.background(rest, command.headers.get('job-uuid'));
      case 'sendmsg': {
        if (!this.answered) this.reply(this.messageReply(rest));
        this.answered = false;
        const channel = this.addressed(rest);
        if (channel !== undefined) sendMessage(this.control, channel, command);
        return undefined;
      }
      case 'connect':
        if (this.channel !== undefined) this.write(channelDataReply(this.control, this.channel));
        else this.reply('-ERR command not found');
        return undefined;
      case 'exit':
        this.reply('+OK bye');
        this.end();
        return undefined;
      default:
        this.reply(this.listening.run(word, rest, command));
        if (!this.ended) this.control.events.add(this);
        return undefined;
    }
  }

  /** The channel that a message is for. */
  private addressed(uuid: string): Channel | undefined {
    return uuid.trim() === '' ? this.channel : this.control.channels.find(uuid.trim());
  }

  private messageReply(uuid: string): string {
    return this.addressed(uuid) === undefined ? `-ERR invalid session id [${uuid}]` : '+OK';
  }

  private greet(word: string, password: string): undefined {
    if (word !== 'auth') {
      this.reply(word === 'exit' ? '+OK bye' : '-ERR command not found');
      return void this.end();
    }
    if (this.authenticate?.(password)) {
      this.trusted = true;
      this.reader.trust();
      this.socket.setTimeout(0);
      return void this.reply('+OK accepted');
    }
    this.control.log('warn', 'event-socket-refused', { address: this.socket.remoteAddress, reason: 'wrong password' });
    this.reply('-ERR invalid');
    this.end();
  }

  private api(line: string): Promise<void> | undefined {
    const respond = (body: string): void => {
      const text = body === '' ? '-ERR no reply\n' : body;
      this.write(`Content-Type: api/response\nContent-Length: ${Buffer.byteLength(text)}\n\n${text}`);
    };
    const result = this.control.api(line);
    if (typeof result === 'string') return void respond(result);
    return result.then(respond);
  }

  private background(line: string, wanted: string | undefined): undefined {
    const job = wanted ?? randomUUID();
    this.reply(`+OK Job-UUID: ${job}`, `Job-UUID: ${job}\n`);
    const { word, rest } = split(line);
    const tell = (body: string): void => this.control.events.fire('BACKGROUND_JOB', () => [
      ['Job-UUID', job], ['Job-Command', word], ...(rest === '' ? [] : [['Job-Command-Arg', rest] as const]),
    ], { body });
    void Promise.resolve(this.control.api(line)).then(tell);
  }

  /** drachtio-modesl URL-decodes these lines, so a lone percent sign must not reach it. */
  private reply(text: string, more = ''): void {
    this.write(`Content-Type: command/reply\nReply-Text: ${text.replaceAll('%', '%25').replaceAll(/[\r\n]+/g, ' ')}\n${more}\n`);
  }

  private write(text: string): void {
    if (this.ended || this.socket.destroyed) return;
    if (this.socket.writableCorked === 0) {
      // All that one turn brings goes out in one piece.
      this.socket.cork();
      process.nextTick(() => this.socket.uncork());
    }
    this.socket.write(text);
    if (this.socket.writableLength <= MAXIMUM_QUEUED) return;
    this.control.log('warn', 'event-socket-slow', { address: this.socket.remoteAddress, queued: this.socket.writableLength });
    this.close();
  }
}
