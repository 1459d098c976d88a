/** What the tests use of drachtio-fsmrf 4.1.2, which brings no declarations. */
declare module 'drachtio-fsmrf' {
  import type { EventEmitter } from 'node:events';

  export interface EslEvent {
    headers: { name: string; value: string }[];
    getHeader(name: string): string | null;
    getBody(): string;
    firstHeader(): string;
    nextHeader(): string | null;
  }

  export interface SipDialog extends EventEmitter {
    sip: { callId: string };
    local: { sdp: string };
    remote: { sdp: string };
    destroy(): Promise<unknown>;
    modify(sdp: string): Promise<string>;
    request(options: object): Promise<{ status: number }>;
  }

  export interface Endpoint extends EventEmitter {
    uuid: string;
    local: { sdp: string; mediaIp: string; mediaPort: string };
    remote: { sdp: string; mediaIp: string; mediaPort: string };
    dtmfType: string;
    sip: { callId: string };
    conf: { memberId: number; name: string; uuid: string };
    connected: boolean;
    dialog: SipDialog;
    conn: EventEmitter & { filter(header: string, value: string): void };
    set(values: object): Promise<void>;
    export(values: object): Promise<void>;
    getChannelVariables(withMedia?: boolean): Promise<Record<string, string | number>>;
    play(file: string | string[] | { file: string; seekOffset?: number; timeoutSecs?: number }): Promise<{ playbackSeconds: string; playbackMilliseconds: string; playbackLastOffsetPos: string }>;
    playCollect(options: object): Promise<{ digits: string | null; invalidDigits: string | null; terminatorUsed: string | null; playbackMilliseconds: string }>;
    record(file: string, options?: object): Promise<{ terminatorUsed: string | null; recordSeconds: string; recordMilliseconds: string; recordSamples: string }>;
    recordSession(file: string): Promise<EslEvent>;
    join(conference: string | Conference, options?: object): Promise<{ memberId: number; confUuid: string }>;
    unjoin(): Promise<string>;
    bridge(other: string | Endpoint): Promise<void>;
    unbridge(): Promise<void>;
    modify(sdp: string): Promise<string>;
    mute(): Promise<EslEvent>;
    unmute(): Promise<EslEvent>;
    api(command: string, args?: string | string[]): Promise<EslEvent>;
    execute(application: string, argument?: string): Promise<EslEvent>;
    destroy(): Promise<void>;
    confMute(): Promise<string>;
    confUnmute(): Promise<string>;
    confDeaf(): Promise<string>;
    confUndeaf(): Promise<string>;
    confKick(): Promise<string>;
    confHup(): Promise<EslEvent>;
    confPlay(file: string): Promise<EslEvent>;
    transfer(conference: string): Promise<string>;
  }

  export interface Conference extends EventEmitter {
    name: string;
    uuid: string;
    memberId: number;
    participants: Map<number, object>;
    endpoint: Endpoint;
    getSize(): Promise<number>;
    get(name: string): Promise<number | string>;
    set(name: string, value: string | number): Promise<string>;
    list(): Promise<EslEvent>;
    lock(): Promise<string>;
    unlock(): Promise<string>;
    mute(who: string): Promise<string>;
    unmute(who: string): Promise<string>;
    deaf(who: string): Promise<string>;
    undeaf(who: string): Promise<string>;
    play(file: string | string[]): Promise<{ seconds: number; milliseconds: number; samples: number }>;
    startRecording(file: string): Promise<string>;
    pauseRecording(file: string): Promise<string>;
    resumeRecording(file: string): Promise<string>;
    stopRecording(file: string): Promise<string>;
    chkRecord(): Promise<EslEvent>;
    destroy(): Promise<void>;
  }

  export interface MediaServer extends EventEmitter {
    maxSessions: number;
    currentSessions: number;
    cpuIdle: number;
    sip: { ipv4: { udp: { address?: string } } };
    conn: EventEmitter & { api(command: string, callback: (event: EslEvent) => void): void; bgapi(command: string, args: string, callback: (event: EslEvent) => void): void };
    pendingConnections: Map<string, object>;
    api(command: string): Promise<string>;
    createEndpoint(options?: object): Promise<Endpoint>;
    connectCaller(req: object, res: object, options?: object): Promise<{ endpoint: Endpoint; dialog: SipDialog }>;
    createConference(name?: string, options?: object): Promise<Conference>;
    disconnect(): void;
  }

  export default class Mrf {
    constructor(srf: object);
    connect(options: { address: string; port: number; secret: string; listenAddress: string }): Promise<MediaServer>;
  }
}
