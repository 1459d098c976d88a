import { UA, WebSocketInterface } from 'jssip';
import type { RTCSession } from 'jssip/lib/RTCSession';
import { Call, type CallEvents, NO_DEVICES } from './call';
import { openMicrophoneAndCamera } from './media';
import type { TextKey } from '../texts';

export interface PhoneEvents {
  registered(): void;
  /** Neither registered nor trying any more. */
  refused(text: TextKey): void;
  /** The connection is gone; it is tried again by itself. */
  lost(): void;
  /** Somebody calls; `take` makes the call of it, `refuse` tells them that we are busy. */
  incoming(name: string, take: (events: CallEvents) => Call, refuse: () => void): void;
}

const BUSY_HERE = 486;

/** The browser as a SIP device: registers with an address and its password, calls and is called. The password stays in memory. */
export class Phone {
  private readonly agent: UA;
  private registered = false;

  constructor(sipUrl: string, private readonly domain: string, address: string, password: string, private readonly events: PhoneEvents) {
    this.agent = new UA({ sockets: [new WebSocketInterface(sipUrl)], uri: `sip:${address}`, password, register: true, session_timers_refresh_method: 'INVITE', user_agent: 'Etasilta page' });
    this.agent.on('registered', () => {
      this.registered = true;
      events.registered();
    });
    this.agent.on('registrationFailed', ({ response }) => this.registrationFailed(response?.status_code));
    this.agent.on('disconnected', () => this.disconnected());
    this.agent.on('newRTCSession', ({ originator, session }: { originator: string; session: RTCSession }) => {
      if (originator !== 'remote') return;
      const { display_name: name, uri } = session.remote_identity;
      events.incoming(name || `${uri.user}@${uri.host}`, (callEvents) => new Call(name || uri.user, session, callEvents), () => session.terminate({ status_code: BUSY_HERE }));
    });
    this.agent.start();
  }

  /** Calls a service address; rejects when there is no microphone. */
  async call(address: string, name: string, events: CallEvents): Promise<Call> {
    const local = await openMicrophoneAndCamera();
    const target = address.includes('@') ? address : `${address}@${this.domain}`;
    return new Call(name, this.agent.call(`sip:${target}`, NO_DEVICES), events, local);
  }

  /** Ends its calls, unregisters and forgets the password. */
  close(): void {
    this.agent.removeAllListeners();
    this.agent.stop();
  }

  private registrationFailed(status: number | undefined): void {
    if (this.registered && status === undefined) return this.events.lost();
    this.close();
    this.events.refused(status === undefined || status >= 500 ? 'failConnection' : 'failWrongPassword');
  }

  private disconnected(): void {
    if (this.registered) return this.events.lost();
    this.close();
    this.events.refused('failConnection');
  }
}
