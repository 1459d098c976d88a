import type { EslEvent } from 'drachtio-modesl';
import type Endpoint from 'drachtio-fsmrf/lib/endpoint';
import { gone, serverFault } from './media-error';

/** One for all: every channel ends, few have anybody who waits, and the trace of an error takes longer to make than the rest of the end. */
const ENDED = gone('the channel');
const REPLY_MS = 5_000;
const BEGIN_MS = 1_000;

/**
 * A channel of the media server as its own event socket connection shows it. drachtio-fsmrf's endpoint never settles what is
 * under way when that connection ends; here everything does.
 */
export class Channel {
  private readonly ended: Promise<never>;
  /** The channel is known to have ended, whatever its connection says. */
  close!: () => void;
  /** Those who wait for the beginning of an application. */
  private readonly beginners = new Set<(application: string | undefined) => void>();

  constructor(private readonly endpoint: Endpoint) {
    this.ended = new Promise((_resolve, reject) => { this.close = () => reject(ENDED); });
    this.ended.catch(() => undefined);
    endpoint.once('destroy', this.close);
    endpoint.conn?.on(`esl::event::CHANNEL_EXECUTE::${this.uuid}`, (event) => { for (const begun of this.beginners) begun(event.getHeader('Application')); });
  }

  get uuid(): string {
    return this.endpoint.uuid;
  }

  /** Runs an application to its end. Its own words for a failure stand in the event, `Application-Response`. */
  run(application: string, argument = ''): Promise<EslEvent> {
    return Promise.race([this.endpoint.execute(application, argument), this.ended]);
  }

  /** Asks the server; resolves with what it says. Rejects with MediaError when that is an error or nothing. */
  async api(command: string, ...args: readonly string[]): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(serverFault(command, 'no reply from the media server')), REPLY_MS);
    });
    try {
      const reply = (await Promise.race([this.endpoint.api(command, args), this.ended, late])).getBody();
      // What mod_event_socket says of a command that had nothing to say.
      if (reply.startsWith('-ERR no reply')) return '';
      if (reply.startsWith('-')) throw serverFault(command, reply.trim());
      return reply;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves when the channel begins to run an application, or after a while without: it may be over, or have begun before. */
  began(application: string): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.beginners.delete(begun);
        resolve();
      };
      const begun = (name: string | undefined): void => { if (name === application) done(); };
      const timer = setTimeout(done, BEGIN_MS);
      this.beginners.add(begun);
      this.ended.catch(done);
    });
  }

  onDtmf(listener: (digit: string) => void): void {
    this.endpoint.on('dtmf', ({ dtmf }: { dtmf: string }) => listener(dtmf));
  }

  /** What the conference that this channel is in tells of it; undo by calling what is returned. */
  onConference(listener: (action: string, event: EslEvent) => void): () => void {
    const name = `esl::event::CUSTOM::${this.uuid}`;
    const connection = this.endpoint.conn;
    const heard = (event: EslEvent): void => {
      if (event.getHeader('Event-Subclass') === 'conference::maintenance') listener(event.getHeader('Action') ?? '', event);
    };
    connection?.on(name, heard);
    return () => { connection?.removeListener(name, heard); };
  }
}
