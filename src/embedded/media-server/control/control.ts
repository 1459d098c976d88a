import type { Processing } from '../contracts';
import { runApi } from './api';
import { applications } from './applications';
import type { Channel } from './channel';
import { ChannelTable } from './channel-table';
import { ConferenceTable } from './conference/conference-table';
import type { EslConnection } from './esl/connection';
import { EventBus } from './event-bus';
import type { ExecuteOptions } from './execution';
import { identify, type Identity } from './identity';
import type { LoadMeter } from './load-meter';

/** Receives what an operator may want to know; never called with passwords or whole messages. */
export type ControlLog = (level: 'debug' | 'info' | 'warn', event: string, detail: Record<string, unknown>) => void;

export interface ControlParts {
  processing: Processing;
  maxSessions: number;
  load: LoadMeter;
  log: ControlLog;
  /** Where relative names of sound files and recordings are looked for. */
  folder: string;
}

/** What the event socket and the SIP side share: channels, conferences, events, and the commands on them. */
export class Control {
  readonly identity: Identity = identify();
  readonly events = new EventBus(this.identity);
  readonly channels: ChannelTable;
  readonly conferences: ConferenceTable;
  readonly processing: Processing;
  readonly load: LoadMeter;
  readonly log: ControlLog;
  readonly folder: string;
  /** Connections made for channels, also those that linger. */
  readonly outbound = new Set<EslConnection>();
  /** Where the SIP side listens, as `sofia status` says it; `HOST:PORT`. */
  sipAddress = '';
  /** `originate`, which the SIP side carries out. */
  originate: (argument: string) => Promise<string> = () => Promise.resolve('-ERR DESTINATION_OUT_OF_ORDER\n');

  constructor(parts: ControlParts) {
    ({ processing: this.processing, load: this.load, log: this.log, folder: this.folder } = parts);
    this.channels = new ChannelTable(parts.maxSessions);
    this.conferences = new ConferenceTable(this);
  }

  /** A fault of our own costs what met it, never the server. */
  fault(where: string, error: unknown): void {
    this.log('warn', 'internal-error', { where, error: error instanceof Error ? error.stack ?? error.message : String(error) });
  }

  /** Does something when what is under way has been done. */
  later(where: string, act: () => void): void {
    setImmediate(() => {
      try {
        act();
      } catch (error) {
        this.fault(where, error);
      }
    });
  }

  /** Whether a connection may stay when its channel has ended. */
  get mayLinger(): boolean {
    return this.outbound.size - this.channels.size < this.channels.maximum;
  }

  /** Runs one line of the `api` command; the text that answers it. Never rejects. */
  api(line: string): string | Promise<string> {
    return runApi(this, line);
  }

  /** Executes an application on a channel. As in FreeSWITCH one that does not exist ends the call. */
  execute(channel: Channel, name: string, argument: string, options: ExecuteOptions = {}): void {
    const application = applications.get(name.toLowerCase());
    if (application === undefined) {
      this.log('warn', 'application-unknown', { channel: channel.uuid, application: name.slice(0, 64) });
      return channel.hangup('DESTINATION_OUT_OF_ORDER');
    }
    if (!channel.execution.execute(name, (one, run) => application(this, one, run), argument, options)) {
      this.log('warn', 'application-refused', { channel: channel.uuid, application: name, reason: 'too many applications are running' });
    }
  }
}
