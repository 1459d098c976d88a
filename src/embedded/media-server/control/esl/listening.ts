import { randomUUID } from 'node:crypto';
import type { Channel } from '../channel';
import type { Control } from '../control';
import type { EventFormat } from '../event';
import type { Command } from './command-reader';
import { split } from './split';
import { Subscription } from './subscription';

const MAXIMUM_LINGER_SECONDS = 3_600;
const FORMATS: readonly EventFormat[] = ['plain', 'json', 'xml'];

/** What one connection hears, and for how long: the commands of the event socket that say so. */
export class Listening {
  readonly subscription = new Subscription();
  /** How long the connection stays when its channel has ended. */
  lingerSeconds = 0;
  /** The channel goes on when the connection ends. */
  resumes = false;

  constructor(private readonly control: Control, private readonly channel: Channel | undefined) {}

  /** Carries a command out; the reply. */
  run(word: string, rest: string, command: Command): string {
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
      case 'sendevent':
        this.sendEvent((words[0] ?? 'CUSTOM').toUpperCase(), command);
        return `+OK ${randomUUID()}`;
      default:
        return '-ERR command not found';
    }
  }

  private sendEvent(name: string, { headers, fields, body }: Command): void {
    const subclass = headers.get('event-subclass');
    const others = fields.filter(([field]) => !/^(?:event-subclass|content-length)$/i.test(field));
    if (name === 'CUSTOM' && subclass !== undefined) this.control.events.fireCustom(subclass, () => others, body);
    else this.control.events.fire(name, () => others, { body });
  }

  private subscribe(words: string[]): string {
    const format = this.takeFormat(words);
    return this.subscription.add(words) ? `+OK event listener enabled ${format}` : '-ERR no keywords supplied';
  }

  private followChannel(words: string[]): string {
    const first = words[0];
    const uuid = first === undefined || FORMATS.includes(first as EventFormat) ? this.channel?.uuid : words.shift();
    if (uuid === undefined || this.control.channels.find(uuid) === undefined) return '-ERR invalid uuid';
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
}
