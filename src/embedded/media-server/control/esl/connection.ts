import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Channel } from '../channel';
import type { Control } from '../control';
import type { EventListener } from '../event-bus';
import type { EventFormat, ServerEvent } from '../event';
import { CommandError, CommandReader, type Command } from './command-reader';
import { channelDataReply } from './channel-data';
import { sendMessage } from './send-message';
import { Subscription } from './subscription';

const FAREWELL = 'Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n';
/** A reader that leaves more than this unread is disconnected: nobody else waits for it. */
const MAXIMUM_QUEUED = 8 * 1024 * 1024;
const MAXIMUM_LINGER_SECONDS = 3_600;
/** What their replies say stands below their line. */
const NEEDS_HEADERS: ReadonlySet<string> = new Set(['bgapi', 'sendevent']);
const FORMATS: readonly EventFormat[] = ['plain', 'json', 'xml'];

/**
 * One connection of the event socket. `control` is the channel that an outbound connection was made for. `authenticate`
 * is what the inbound side demands first.
 */
export class EslConnection implements EventListener {
  private readonly reader = new CommandReader();
  private readonly subscription = new Subscription();
  private working = false;
  /** The message that is being read has its reply already. */
  private answered = false;
  private ended = false;
  private lingerSeconds = 0;
  private lingering: NodeJS.Timeout | undefined;
  /** Tells the owner once that the connection is gone. */
  onClosed: () => void = () => undefined;
  resumes = false;

  constructor(
    private readonly socket: Socket, private readonly context: Control, private readonly channel: Channel | undefined,
    private readonly authenticate: ((password: string) => boolean) | undefined,
  ) {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 45_000);
    socket.on('data', (bytes: Buffer) => this.receive(bytes));
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
    context.events.add(this);
    if (authenticate === undefined) this.reader.trust();
    else this.write('Content-Type: auth/request\n\n');
  }

  get authenticated(): boolean {
    return this.authenticate === undefined || this.trusted;
  }

  private trusted = false;

  wants(name: string, subclass: string | undefined): boolean {
    return this.subscription.wants(name, subclass);
  }

  notify(event: ServerEvent): void {
    if (!this.subscription.passes(event)) return;
    const text = event.serialize(this.subscription.format);
    this.write(`Content-Length: ${Buffer.byteLength(text)}\nContent-Type: text/event-${this.subscription.format}\n\n${text}`);
  }

  /** The channel has ended: what was to be said has been said. With `linger` the application may go on reading for a while. */
  channelEnded(): void {
    if (this.ended) return;
    if (this.lingerSeconds === 0 || !this.context.mayLinger) return this.end();
    this.lingering = setTimeout(() => this.end(), this.lingerSeconds * 1000);
    this.write(this.notice(`Content-Disposition: linger\nChannel-Name: ${this.channel?.name ?? ''}\nLinger-Time: ${this.lingerSeconds}\n`));
  }

  /** Says goodbye and closes. */
  end(): void {
    if (this.ended) return;
    this.write(this.notice('Content-Disposition: disconnect\n'));
    this.socket.destroySoon();
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
    this.context.events.remove(this);
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
      if (error instanceof CommandError) this.context.log('warn', 'event-socket-refused', { address: this.socket.remoteAddress, reason: error.message });
      else this.context.fault('event-socket', error);
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
    this.settle(this.execute({ line, headers: new Map(), body: '' }));
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
        if (channel !== undefined) sendMessage(this.context, channel, command);
        return undefined;
      }
      case 'connect':
        if (this.channel !== undefined) this.write(channelDataReply(this.context, this.channel));
        else this.reply('-ERR command not found');
        return undefined;
      case 'exit':
        this.reply('+OK bye');
        this.end();
        return undefined;
      default:
        this.reply(this.listen(word, rest, command));
        return undefined;
    }
  }

  /** The channel that a message is for. */
  private addressed(uuid: string): Channel | undefined {
    return uuid.trim() === '' ? this.channel : this.context.channels.find(uuid.trim());
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
    this.context.log('warn', 'event-socket-refused', { address: this.socket.remoteAddress, reason: 'wrong password' });
    this.reply('-ERR invalid');
    this.end();
  }

  private api(line: string): Promise<void> | undefined {
    const respond = (body: string): void => {
      const text = body === '' ? '-ERR no reply\n' : body;
      this.write(`Content-Type: api/response\nContent-Length: ${Buffer.byteLength(text)}\n\n${text}`);
    };
    const result = this.context.api(line);
    if (typeof result === 'string') return void respond(result);
    return result.then(respond);
  }

  private background(line: string, wanted: string | undefined): undefined {
    const job = wanted ?? randomUUID();
    this.reply(`+OK Job-UUID: ${job}`, `Job-UUID: ${job}\n`);
    const { word, rest } = split(line);
    const tell = (body: string): void => this.context.events.fire('BACKGROUND_JOB', () => [
      ['Job-UUID', job], ['Job-Command', word], ...(rest === '' ? [] : [['Job-Command-Arg', rest] as const]),
    ], body);
    void Promise.resolve(this.context.api(line)).then(tell);
  }

  /** Commands about what this connection hears, and for how long. */
  private listen(word: string, rest: string, { headers, body }: Command): string {
    const words = rest.split(/\s+/).filter((part) => part !== '');
    switch (word) {
      case 'event':
        return this.subscribe(words);
      case 'myevents':
        return this.followChannel(words);
      case 'nixevent':
        return this.subscription.remove(words) ? '+OK events nixed' : '-ERR no keywords supplied';
      case 'noevents': {
        const listened = !this.subscription.isEmpty;
        this.subscription.clear();
        return listened ? '+OK no longer listening for events' : '-ERR not listening for events';
      }
      case 'filter':
        return this.filter(rest);
      case 'linger': {
        if (this.channel === undefined) return '-ERR not controlling a session';
        this.lingerSeconds = Math.min(Number(words[0] ?? MAXIMUM_LINGER_SECONDS) || MAXIMUM_LINGER_SECONDS, MAXIMUM_LINGER_SECONDS);
        return words[0] === undefined ? '+OK will linger' : `+OK will linger ${this.lingerSeconds} seconds`;
      }
      case 'nolinger':
        if (this.channel === undefined) return '-ERR not controlling a session';
        this.lingerSeconds = 0;
        return '+OK will not linger';
      case 'divert_events':
        return '+OK';
      case 'resume':
        this.resumes = true;
        return '+OK';
      case 'log':
        return `+OK log level ${words[0] ?? '7'} [${words[0] ?? '7'}]`;
      case 'nolog':
        return '+OK no longer logging';
      case 'getvar':
        return this.channel === undefined ? '-ERR not controlling a session' : this.channel.variable(words[0] ?? '') ?? '';
      case 'sendevent': {
        const event = [...headers].map(([name, value]) => [name, value] as const);
        this.context.events.fire((words[0] ?? 'CUSTOM').toUpperCase(), () => event, body);
        return `+OK ${randomUUID()}`;
      }
      default:
        return '-ERR command not found';
    }
  }

  private subscribe(words: string[]): string {
    const format = this.takeFormat(words);
    return this.subscription.add(words) ? `+OK event listener enabled ${format}` : '-ERR no keywords supplied';
  }

  private followChannel(words: string[]): string {
    const first = words[0];
    const uuid = first === undefined || FORMATS.includes(first as EventFormat) ? this.channel?.uuid : words.shift();
    if (uuid === undefined || this.context.channels.find(uuid) === undefined) return '-ERR invalid uuid';
    this.takeFormat(words);
    this.subscription.follow(uuid);
    return '+OK Events Enabled';
  }

  /** The form of events, when the words begin with one. */
  private takeFormat(words: string[]): EventFormat {
    const index = FORMATS.indexOf(words[0] as EventFormat);
    if (index !== -1) {
      words.shift();
      this.subscription.format = FORMATS[index] as EventFormat;
    }
    return this.subscription.format;
  }

  private filter(rest: string): string {
    const { word: header, rest: value } = split(rest);
    if (header === 'delete') {
      const { word: name, rest: wanted } = split(value);
      if (name === '') return '-ERR invalid syntax';
      this.subscription.removeFilter(name, wanted);
      return `+OK filter deleted. [${name}]=[${wanted}]`;
    }
    const wanted = header === 'add' ? split(value) : { word: header, rest: value };
    if (wanted.word === '' || wanted.rest === '' || !this.subscription.addFilter(wanted.word, wanted.rest)) return '-ERR invalid syntax';
    return `+OK filter added. [${wanted.word}]=[${wanted.rest}]`;
  }

  /** drachtio-modesl URL-decodes these lines, so a lone percent sign must not reach it. */
  private reply(text: string, more = ''): void {
    this.write(`Content-Type: command/reply\nReply-Text: ${text.replaceAll('%', '%25').replaceAll(/[\r\n]+/g, ' ')}\n${more}\n`);
  }

  private write(text: string): void {
    if (this.ended || this.socket.destroyed) return;
    this.socket.write(text);
    if (this.socket.writableLength <= MAXIMUM_QUEUED) return;
    this.context.log('warn', 'event-socket-slow', { address: this.socket.remoteAddress, queued: this.socket.writableLength });
    this.close();
  }
}

/** The first word of a line and what follows it. */
export function split(line: string): { word: string; rest: string } {
  const match = /^\s*(\S+)\s*([\s\S]*)$/.exec(line);
  return { word: match?.[1] ?? '', rest: match?.[2] ?? '' };
}
