import type { RTCSession } from 'jssip/lib/RTCSession';
import { addTracks, closeDevices, openMicrophoneAndCamera, remoteStream } from './media';
import type { TextKey } from '../texts';
import { failureText, warningText } from './failures';

export interface CallEvents {
  /** What to say of the call now. */
  state(text: TextKey): void;
  pictures(local: MediaStream, remote: MediaStream): void;
  /** Over, for whatever reason; the detail is the gateway's own words about a refusal. */
  over(text: TextKey, detail?: string): void;
}

/** What JsSIP tells of the message that ended a call. */
interface Ended {
  cause: string;
  message?: { status_code?: number; getHeader?(name: string): string | undefined } | null;
}

// No server outside: the gateway has an address that browsers reach. Media servers that do not bundle sound and picture
// (RFC 9143) get candidates for each: FreeSWITCH is one.
const CONNECTION: RTCConfiguration = { iceServers: [], bundlePolicy: 'balanced' };
/** JsSIP asks for no devices and adds no tracks itself: the order of codecs must be set between the two. */
export const NO_DEVICES = { mediaConstraints: { audio: false, video: false }, pcConfig: CONNECTION };

/** One call, ours or theirs, from the first ring to its end. */
export class Call {
  private held = { local: false, remote: false };

  constructor(readonly name: string, private readonly session: RTCSession, private readonly events: CallEvents, private local?: MediaStream) {
    session.on('progress', () => events.state('ringing'));
    session.on('accepted', () => events.state('talking'));
    session.on('hold', ({ originator }) => this.changeHold(originator, true));
    session.on('unhold', ({ originator }) => this.changeHold(originator, false));
    session.on('failed', (end) => this.finish(end, 'failed'));
    session.on('ended', (end) => this.finish(end, 'ended'));
    if (session.connection) this.attach(session.connection, true);
  }

  /** Takes a call that came in. */
  async answer(): Promise<void> {
    try {
      this.local = await openMicrophoneAndCamera();
    } catch {
      this.session.terminate({ status_code: 480 });
      this.events.over('failMicrophone');
      return;
    }
    if (this.session.isEnded()) return closeDevices(this.local);
    this.session.on('peerconnection', ({ peerconnection }) => this.attach(peerconnection, false));
    this.session.answer(NO_DEVICES);
  }

  hangUp(): void {
    if (!this.session.isEnded()) this.session.terminate();
  }

  /** Each returns what it is now. */
  toggleMicrophone(): boolean {
    return this.toggle('audio');
  }

  toggleCamera(): boolean {
    return this.toggle('video');
  }

  toggleHold(): void {
    if (this.held.local) this.session.unhold();
    else this.session.hold();
  }

  /** One of 0-9 * #, as telephone-event (RFC 4733). */
  sendDigit(digit: string): void {
    this.session.sendDTMF(digit, { transportType: 'RFC2833' as never });
  }

  private toggle(kind: 'audio' | 'video'): boolean {
    const muted = this.session.isMuted()[kind] === true;
    if (muted) this.session.unmute({ [kind]: true });
    else this.session.mute({ [kind]: true });
    return !muted;
  }

  private attach(connection: RTCPeerConnection, offering: boolean): void {
    const local = this.local as MediaStream;
    addTracks(connection, local, offering);
    this.events.pictures(local, remoteStream(connection));
  }

  private changeHold(originator: string, held: boolean): void {
    this.held[originator === 'local' ? 'local' : 'remote'] = held;
    this.events.state(this.held.local ? 'onHold' : this.held.remote ? 'heldByOther' : 'talking');
  }

  private finish({ cause, message }: Ended, how: 'failed' | 'ended'): void {
    if (this.local) closeDevices(this.local);
    const status = message?.status_code;
    if (how === 'ended' || cause === 'Canceled') return this.events.over('ended');
    // WebRTC's own refusals carry no message.
    const text: TextKey = status === undefined && /WebRTC|SDP|Media/i.test(cause) ? 'failMedia' : failureText(status);
    this.events.over(text, warningText(message?.getHeader?.('Warning')));
  }
}
