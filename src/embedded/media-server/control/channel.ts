import { EventEmitter } from 'node:events';
import type { Codec, MediaBridge, MediaSession, Party, Recording } from '../contracts';
import { basicHeaders, callStateHeaders, channelHeaders, type CallState, type ChannelState } from './channel-headers';
import type { Header, HeaderValue } from './event';
import type { EventBus } from './event-bus';
import { Execution } from './execution';
import type { HangupCause } from './hangup-causes';

/** Who calls, as the first INVITE says. */
export interface Caller {
  name: string;
  number: string | undefined;
  networkAddress: string;
  destination: string;
}

/** What a channel asks of its SIP dialog. */
export interface Signalling {
  /** Ends the dialog: BYE, or a final response to an INVITE that has none. */
  release(cause: HangupCause): void;
  /** Sends a re-INVITE with a new offer; rejects when the party refuses. */
  renegotiate(codecs: readonly string[] | undefined): Promise<void>;
}

export type DtmfSource = 'RTP' | 'ENDPOINT' | 'APP' | 'INBAND_AUDIO';

/** Variables are the application's to set; a channel holds no more than this of them. */
const MAXIMUM_VARIABLES = 2_000;
const MAXIMUM_VALUE_LENGTH = 65_536;
/** One party's recordings at a time. */
export const MAXIMUM_RECORDINGS = 16;

const EVENTS_WITHOUT_VARIABLES: ReadonlySet<string> = new Set(['DTMF', 'CHANNEL_STATE']);

/**
 * One call leg: a SIP dialog, its media and what is executed on it. Events: `dtmf` (digit), `hangup` () once,
 * `destroyed` () when everything of it has ended.
 */
export class Channel extends EventEmitter {
  /** `outbound` for one that this server called. */
  direction: 'inbound' | 'outbound' = 'inbound';
  state: ChannelState = 'CS_INIT';
  callState: CallState = 'RINGING';
  answerState: 'ringing' | 'answered' | 'hangup' = 'ringing';
  hangupCause: HangupCause | undefined;
  readonly times = { created: Date.now(), answered: 0, hungUp: 0, bridged: 0, transferred: 0 };
  readonly variables = new Map<string, HeaderValue>();
  readonly recordings = new Map<string, Recording>();
  readonly execution: Execution;
  /** Made when the first negotiation is through. */
  party: Party | undefined;
  signalling: Signalling | undefined;
  bridgedTo: Channel | undefined;
  isOriginator = false;
  media: MediaBridge | undefined;

  constructor(readonly uuid: string, readonly name: string, readonly caller: Caller, readonly session: MediaSession, private readonly events: EventBus) {
    super();
    this.setMaxListeners(0);
    this.execution = new Execution(this);
  }

  get audioCodec(): Codec | undefined {
    return this.session.streams.find(({ kind }) => kind === 'audio')?.codec;
  }

  get isUp(): boolean {
    return this.hangupCause === undefined;
  }

  /** The variable as text; of several values the last. */
  variable(name: string): string | undefined {
    const value = this.variables.get(name);
    return typeof value === 'string' ? value : value?.at(-1);
  }

  /** Sets a variable, or takes it away when there is no value. What is too long or too many is dropped. */
  setVariable(name: string, value: HeaderValue | undefined): void {
    if (value === undefined || value === '') {
      this.variables.delete(name);
      return;
    }
    if (value.length > MAXIMUM_VALUE_LENGTH || (this.variables.size >= MAXIMUM_VARIABLES && !this.variables.has(name))) return;
    this.variables.delete(name);
    this.variables.set(name, value);
  }

  setVariables(values: Readonly<Record<string, string | undefined>>): void {
    for (const [name, value] of Object.entries(values)) this.setVariable(name, value);
  }

  /** Fires an event about this channel; `more` stands last. */
  fire(name: string, more: readonly Header[] = []): void {
    this.events.fire(name, () => [...(EVENTS_WITHOUT_VARIABLES.has(name) ? basicHeaders(this) : channelHeaders(this)), ...more], { channel: this.uuid });
  }

  setCallState(next: CallState): void {
    if (next === this.callState) return;
    const before = this.callState;
    this.callState = next;
    this.events.fire('CHANNEL_CALLSTATE', () => callStateHeaders(this, before), { channel: this.uuid });
  }

  setState(next: ChannelState): void {
    if (next === this.state) return;
    this.state = next;
    this.fire('CHANNEL_STATE');
  }

  answered(): void {
    if (this.answerState !== 'ringing') return;
    this.answerState = 'answered';
    this.times.answered = Date.now();
    this.setVariable('endpoint_disposition', 'ANSWER');
    this.setCallState('ACTIVE');
    this.fire('CHANNEL_ANSWER');
  }

  /** A digit from the party. `durationMs` becomes samples of 8 kHz, as FreeSWITCH counts them. */
  receiveDtmf(digit: string, durationMs: number, source: DtmfSource): void {
    if (!this.isUp) return;
    this.fire('DTMF', [['DTMF-Digit', digit], ['DTMF-Duration', String(Math.round(durationMs * 8))], ['DTMF-Source', source]]);
    // What comes by RTP the bridge passes on itself.
    if (source !== 'RTP') this.bridgedTo?.party?.sendDtmf(digit, durationMs);
    this.emit('dtmf', digit);
  }

  /** Ends the call, whoever asks first: applications are stopped, the dialog and the media released. */
  hangup(cause: HangupCause): void {
    if (!this.isUp) return;
    this.hangupCause = cause;
    this.answerState = 'hangup';
    this.times.hungUp = Date.now();
    this.setVariable('hangup_cause', cause);
    this.state = 'CS_HANGUP';
    this.fire('CHANNEL_HANGUP');
    this.emit('hangup');
    this.execution.stop('hangup');
    for (const recording of this.recordings.values()) recording.stop();
    this.recordings.clear();
    this.party?.close();
    this.session.close();
    this.signalling?.release(cause);
    // What the stopped applications say comes before the last words.
    setImmediate(() => {
      this.setCallState('HANGUP');
      this.fire('CHANNEL_HANGUP_COMPLETE');
      this.fire('CHANNEL_DESTROY');
      this.emit('destroyed');
      this.removeAllListeners();
    });
  }
}
