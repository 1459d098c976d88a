import { decode, encode, PerError } from '../per';
import type { ControlChannel, ControlReceiver } from '../contracts';
import { toHostPort, toTransportAddress, type HostPort } from '../ras';
import { h245, type h225 } from '../schemas';
import type { ControlConnection } from './control-connection';
import { SignallingError } from './errors';

/** Messages that wait for the channel, or for the procedures of this side. */
const MAX_WAITING = 64;
/** Messages of a call that cannot be read. */
const MAX_UNREADABLE = 10;
/** Addresses of the peer that are tried. */
const MAX_ATTEMPTS = 3;

/** What the carrier needs of its call. */
export interface CarrierHost {
  /** Sends a Facility that has no content of its own; the tunnelled messages go with it. */
  sendTunnelled(): void;
  /** Sends a Facility that asks the peer to connect. */
  sendStartH245(address: h225.TransportAddress): void;
  /** A connection to the address was asked for by the peer; whether to make it. */
  mayConnect(address: HostPort): boolean;
  fault(error: Error): void;
  /** The channel is gone, with the call or before it. */
  closed(): void;
}

/**
 * How far the tunnel has come: `offered` by the caller, `open` once both sides want it, `none` when one does not, for the rest of the
 * call (H.323 section 8.2.1).
 */
type Tunnel = 'offered' | 'open' | 'none';

/**
 * Carries the H.245 messages of one call: tunnelled in call signalling, in a connection of its own, or moved from the first to the second.
 * While fast connect is undecided H.245 waits (H.323 section 8.1.7).
 */
export class ControlCarrier implements ControlChannel {
  private receiver: ControlReceiver | undefined;
  private readonly outbox: Buffer[] = [];
  private readonly inbox: h245.MultimediaSystemControlMessage[] = [];
  /** Sent in Setup, until the peer shows that it reads tunnelled messages. */
  private unconfirmed: Buffer[] = [];
  private opened = false;
  private closed = false;
  private told = false;
  /** Messages may be tunnelled: the called side has begun to answer. */
  private answering = false;
  private active = false;
  private flushing = false;
  private unreadable = 0;
  /** Where the peer listens. */
  private peerAddress: HostPort | undefined;
  private attempts = 0;
  /** The peer is behind a firewall: it connects, and what it says of addresses does not hold here. */
  private peerConnects = false;

  constructor(
    private readonly connection: ControlConnection,
    private readonly host: CarrierHost,
    private tunnel: Tunnel,
    /** Fast connect is offered and neither accepted nor refused. */
    private undecided: boolean,
  ) {}

  get carriage(): 'tunnelled' | 'connection' | undefined {
    if (this.closed || !this.opened) return undefined;
    return this.connection.up ? 'connection' : 'tunnelled';
  }

  send(message: h245.MultimediaSystemControlMessage): void {
    if (this.closed) return;
    if (this.outbox.length >= MAX_WAITING) return this.shut(new SignallingError('signalling-limit', 'too many H.245 messages wait for the peer'));
    this.outbox.push(encode(h245.MultimediaSystemControlMessage, message));
    this.flushSoon();
  }

  attach(receiver: ControlReceiver): void {
    this.receiver = receiver;
    // What attaches is often still being built.
    queueMicrotask(() => {
      if (this.closed) this.tellClosed();
      else this.pursue();
    });
  }

  /** The tunnel's part of a message to be sent. */
  withTunnelled(pdu: h225.H323UUPDU): h225.H323UUPDU {
    const h245Tunnelling = this.tunnel !== 'none';
    if ('setup' in pdu['h323-message-body'] && this.unconfirmed.length > 0) return { ...pdu, h245Tunnelling, h245Control: this.unconfirmed };
    if (this.tunnel !== 'open' || this.connection.up || this.outbox.length === 0) return { ...pdu, h245Tunnelling };
    return { ...pdu, h245Tunnelling, h245Control: this.outbox.splice(0) };
  }

  /** The procedures start before the peer has answered: their first messages go into Setup. They are sent again if it does not tunnel. */
  openInSetup(): void {
    if (this.tunnel !== 'offered' || this.undecided) return;
    this.open();
    this.unconfirmed = this.outbox.splice(0);
  }

  /** The peer is behind a firewall: no connection is made to it, whatever address it tells. */
  awaitPeer(): void {
    this.peerConnects = true;
    this.peerAddress = undefined;
  }

  /** Called side: the tunnel may be written to, with the message that is sent now. */
  begin(): void {
    this.answering = true;
  }

  /** Fast connect is accepted or refused. */
  decided(): void {
    if (!this.undecided) return;
    this.undecided = false;
    queueMicrotask(() => this.pursue());
  }

  /** The call is connected: without any way to reach the peer, it is asked to connect. */
  connected(): void {
    this.active = true;
    this.decided();
    queueMicrotask(() => this.pursue());
  }

  /** Starts to listen where an answer has to tell the peer an address to connect to; resolves when `address` is known, or never will be. */
  prepareAddress(): Promise<void> | undefined {
    if (!this.needsConnection || this.undecided || this.peerAddress || this.connection.address) return undefined;
    return this.connection.listen().then(() => undefined, (error: Error) => {
      if (!this.closed) this.host.fault(error);
    });
  }

  /** The address to be told in an answer. */
  get address(): h225.TransportAddress | undefined {
    return this.needsConnection && !this.undecided && this.connection.address ? toTransportAddress(this.connection.address) : undefined;
  }

  private get needsConnection(): boolean {
    return !this.closed && this.tunnel === 'none' && !this.connection.up;
  }

  /**
   * What a message of the peer says about H.245: whether it tunnels, where it listens. `answer`: it is the called side's, which decides
   * about the tunnel unless it says that it does not know yet.
   */
  signalled(pdu: h225.H323UUPDU, h245Address: h225.TransportAddress | undefined, answer: boolean): void {
    if (this.closed) return;
    if (pdu.provisionalRespToH245Tunnelling === undefined) {
      if (this.tunnel === 'offered' && answer) this.settleTunnel(pdu.h245Tunnelling === true);
      else if (this.tunnel === 'open' && pdu.h245Tunnelling === false) this.tunnel = 'none';
    }
    const address = h245Address && toHostPort(h245Address);
    if (address && !this.peerConnects) this.peerAddress = address;
    this.pursue();
  }

  private settleTunnel(wanted: boolean): void {
    this.tunnel = wanted ? 'open' : 'none';
    this.answering = true;
    // Not read by a peer that does not tunnel.
    if (!wanted) this.outbox.unshift(...this.unconfirmed);
    this.unconfirmed = [];
  }

  /** Messages that the peer tunnelled. */
  tunnelled(messages: readonly Buffer[]): void {
    if (this.tunnel === 'none' && !this.connection.up) return;
    for (const octets of messages) this.received(octets);
  }

  /** The peer wants H.245 in a connection of its own (Facility startH245), whatever was before. */
  startH245(address: h225.TransportAddress | undefined): void {
    if (this.peerConnects) {
      this.undecided = false;
      return this.ask();
    }
    const target = address && toHostPort(address);
    if (!target) return;
    this.peerAddress = target;
    this.undecided = false;
    this.connect();
  }

  received(octets: Buffer): void {
    if (this.closed) return;
    let message: h245.MultimediaSystemControlMessage;
    try {
      message = decode(h245.MultimediaSystemControlMessage, octets);
    } catch (error) {
      if (!(error instanceof PerError)) throw error;
      if (++this.unreadable > MAX_UNREADABLE) this.shut(error);
      return;
    }
    if (this.opened) return this.receiver?.received(message);
    if (this.inbox.length >= MAX_WAITING) return this.shut(new SignallingError('signalling-limit', 'too many H.245 messages before they are taken'));
    this.inbox.push(message);
    // The peer has started H.245: it does not wait for fast connect any more.
    this.undecided = false;
    this.pursue();
  }

  /** The connection of its own is there: the tunnel ends. */
  connectionUp(): void {
    this.tunnel = 'none';
    this.undecided = false;
    this.pursue();
    this.flush();
  }

  connectionDown(): void {
    this.shut();
  }

  connectionUnreachable(): void {
    this.peerAddress = undefined;
    this.pursue();
  }

  /** The call has ended. */
  close(): void {
    this.shut();
  }

  private shut(fault?: Error): void {
    if (this.closed) return;
    if (this.connection.up) this.flush();
    this.closed = true;
    this.connection.close();
    if (fault) this.host.fault(fault);
    this.tellClosed();
    this.host.closed();
  }

  private tellClosed(): void {
    if (this.told) return;
    this.told = this.receiver !== undefined;
    this.receiver?.closed();
  }

  /** Does the next thing that brings the channel up. */
  private pursue(): void {
    if (this.closed || this.undecided || !this.receiver) return;
    if (this.tunnel === 'open' || this.connection.up) return this.open();
    if (this.tunnel === 'offered') return;
    if (this.peerAddress) this.connect();
    else if ((this.active || (this.peerConnects && this.answering)) && !this.connection.address) this.ask();
  }

  private connect(): void {
    if (!this.peerAddress) return;
    if (this.attempts < MAX_ATTEMPTS && this.host.mayConnect(this.peerAddress)) {
      if (this.connection.connect(this.peerAddress)) this.attempts++;
    } else {
      this.peerAddress = undefined;
    }
  }

  private ask(): void {
    if (this.closed || this.connection.up || this.attempts++ >= MAX_ATTEMPTS) return;
    this.connection.listen().then((address) => {
      if (!this.closed && !this.connection.up) this.host.sendStartH245(toTransportAddress(address));
    }, (error: Error) => this.shut(error));
  }

  private open(): void {
    if (this.opened || !this.receiver) return;
    this.opened = true;
    this.receiver.opened();
    for (const message of this.inbox.splice(0)) this.receiver.received(message);
    this.flushSoon();
  }

  /** Messages of one turn go together, with what call signalling sends in the same turn. */
  private flushSoon(): void {
    if (this.flushing) return;
    this.flushing = true;
    queueMicrotask(() => {
      this.flushing = false;
      this.flush();
    });
  }

  private flush(): void {
    if (this.closed || this.outbox.length === 0) return;
    if (this.connection.up) for (const octets of this.outbox.splice(0)) this.connection.send(octets);
    else if (this.tunnel === 'open' && this.answering) this.host.sendTunnelled();
  }
}
