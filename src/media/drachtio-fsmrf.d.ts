/** drachtio-fsmrf 4.1.2 and drachtio-modesl 1.2 come without declarations: these are the parts in use. */

declare module 'drachtio-modesl' {
  import type { Socket } from 'node:net';
  export interface EslEvent {
    /** Undefined when the event has no such header. */
    getHeader(name: string): string | undefined;
    getBody(): string;
  }
  /** Emits `esl::ready`, `esl::end`, `error`, and `esl::event::NAME::UUID` with an EslEvent. */
  export class Connection {
    constructor(host: string, port: number, password: string);
    readonly socket: Socket | null;
    /** Set: it does not connect again when it is refused or closed. */
    closing: boolean;
    on(event: string, listener: (event: EslEvent) => void): this;
    removeListener(event: string, listener: (event: EslEvent) => void): this;
    removeAllListeners(event?: string): this;
    subscribe(events: string | readonly string[]): void;
    api(command: string, callback: (reply: EslEvent) => void): void;
    /** Its result comes as the body of BACKGROUND_JOB with this Job-UUID, when that is subscribed to. */
    bgapi(command: string, args: string, job: string): void;
    execute(application: string): void;
    disconnect(): void;
  }
}

declare module 'drachtio-modesl/lib/esl/Event' {
  import type { EslEvent } from 'drachtio-modesl';
  /** What a message of the socket says, by name; `_body` is the body of an event. */
  export type EventFields = Record<string, string | number | undefined>;
  const Event: { new (): EslEvent & { headers: { name: string; value: unknown }[]; addHeader(name: string, value: string): string } };
  export default Event;
}

declare module 'drachtio-modesl/lib/esl/Parser' {
  import type { EventFields } from 'drachtio-modesl/lib/esl/Event';
  export interface EventParser {
    buffer: Buffer;
    emit(event: string, ...values: unknown[]): void;
    on(event: string, listener: (...values: unknown[]) => void): void;
    _indexOfHeaderEnd(): number;
    _parseHeaderText(text: string): EventFields;
    /** Tells `esl::event`. */
    _parseEvent(headers: EventFields, body?: string): void;
  }
  const Parser: { new (socket: unknown): EventParser; readonly prototype: EventParser };
  export default Parser;
}

declare module 'drachtio-fsmrf/lib/mediaserver' {
  import type { EventEmitter } from 'node:events';
  import type { Server } from 'node:net';
  import type { Connection } from 'drachtio-modesl';
  class MediaServer extends EventEmitter {
    constructor(
      connection: Connection, mrf: { srf: unknown }, listenAddress: string, listenPort: number,
      advertisedAddress: string | undefined, advertisedPort: number | undefined, profile: string,
    );
    /** Set so that the end of the connection is not reported by writing on the console. */
    closing: boolean;
    readonly advertisedAddress: string;
    readonly advertisedPort: number;
    /** Where channels connect to; there when it has emitted `connect`. */
    readonly _server?: { server: Server };
    /** False: it waits for an answer about the SIP profile, for a second. */
    _isMediaServerReady: boolean;
    /** Channels that were invited and whose outbound connection is awaited, by what stands in their User-Agent. */
    readonly pendingConnections: Map<string, { fn(connection: Connection): void }>;
  }
  export = MediaServer;
}

declare module 'drachtio-fsmrf/lib/endpoint' {
  import type { EventEmitter } from 'node:events';
  import type { Connection, EslEvent } from 'drachtio-modesl';
  import type MediaServer from 'drachtio-fsmrf/lib/mediaserver';
  /** Emits `ready`, `destroy`, `dtmf` ({ dtmf }). */
  class Endpoint extends EventEmitter {
    constructor(connection: Connection, dialog: unknown, server: MediaServer, options: object);
    readonly uuid: string;
    /** Null once the connection has ended. */
    readonly conn: Connection | null;
    execute(application: string, argument: string): Promise<EslEvent>;
    api(command: string, args: readonly string[]): Promise<EslEvent>;
  }
  export = Endpoint;
}
