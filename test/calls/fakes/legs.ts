import type {
  ActiveLeg, Contact, InboundLeg, LegEvents, LegMessage, LegReply, Locator, Originator, OutboundAttempt, OutboundEvents, OutboundRequest, Party,
  PassedHeaders, Release,
} from '../../../src/calls';
import { release } from '../../../src/calls';

/** Far ends that do exactly what the test tells them, in memory. */
export class FakeActiveLeg implements ActiveLeg {
  remoteSdp: string | undefined;
  events: LegEvents | undefined;
  releasedWith: Release | undefined;
  alive = true;
  /** What the far end was asked, and how it answers. */
  asked: LegMessage[] = [];
  reply: (message: LegMessage) => LegReply | Promise<LegReply> = () => ({ status: 200, headers: {}, body: 'v=answer' });

  constructor(readonly id: string) {}
  attach(events: LegEvents): void { this.events = events; }
  async renegotiate(message: LegMessage): Promise<LegReply> { this.asked.push(message); return this.reply(message); }
  async send(message: LegMessage): Promise<LegReply> { this.asked.push(message); return this.reply(message); }
  async probe(): Promise<boolean> { return this.alive; }
  release(why: Release): void { this.releasedWith ??= why; }
}

export class FakeCaller implements InboundLeg {
  readonly protocol = 'sip';
  readonly headers = {};
  readonly hops = 70;
  readonly offer: string | undefined;
  readonly leg = new FakeActiveLeg('caller-leg');
  rings: (string | undefined)[] = [];
  answeredWith: string | undefined;
  connected: Party | undefined;
  refusedWith: Release | undefined;
  /** Set: the caller's 200 cannot be sent any more. */
  gone = false;
  ack: ((sdp: string | undefined) => void) | undefined;
  private cancelListener: ((why: Release) => void) | undefined;
  private cancelled: Release | undefined;

  constructor(
    readonly id: string, readonly dialled: string, offer: string | null = 'v=offer',
    readonly source: InboundLeg['source'] = { kind: 'registered', device: 'caller@site.example' },
    readonly from: InboundLeg['from'] = { address: 'caller@site.example' },
  ) {
    this.offer = offer ?? undefined;
  }

  onCancelled(listener: (why: Release) => void): void {
    this.cancelListener = listener;
    if (this.cancelled) listener(this.cancelled);
  }
  cancel(): void {
    this.cancelled = release(487, 'the caller hung up before an answer', 'caller', { q850: 16 });
    this.cancelListener?.(this.cancelled);
  }
  ring(sdp?: string): void { this.rings.push(sdp); }
  async answer(sdp: string, connected: Party, _headers: PassedHeaders, onAck?: (sdp: string | undefined) => void): Promise<ActiveLeg> {
    if (this.gone) throw new Error('the INVITE has ended');
    this.answeredWith = sdp;
    this.connected = connected;
    this.ack = onAck;
    return this.leg;
  }
  refuse(why: Release): void { this.refusedWith ??= why; }
}

export class FakeRing implements OutboundAttempt {
  cancelledWith: Release | undefined;
  readonly leg: FakeActiveLeg;
  constructor(readonly device: string, readonly request: OutboundRequest, readonly events: OutboundEvents) {
    this.leg = new FakeActiveLeg(device);
  }
  cancel(why: Release): void { this.cancelledWith ??= why; }
  ring(sdp?: string): void { this.events.ringing(sdp); }
  answer(sdp = 'v=answer', ack?: (sdp: string | undefined) => void): FakeActiveLeg {
    this.events.answered(this.leg, { sdp, headers: {}, ack });
    return this.leg;
  }
  fail(status: number, text = 'refused'): void { this.events.failed(release(status, text, 'callee')); }
}

/** Every device in `registered` has one contact, or as many as given. */
export class FakeDevices implements Locator, Originator {
  readonly rung: FakeRing[] = [];
  constructor(private readonly registered: Record<string, number>) {}
  contactsFor(device: string): Contact[] {
    return Array.from({ length: this.registered[device] ?? 0 }, () => ({ protocol: 'sip' as const, label: device }));
  }
  contactForUri(uri: string): Contact { return { protocol: 'sip', label: uri }; }
  originate(contact: Contact, request: OutboundRequest, events: OutboundEvents): OutboundAttempt {
    const ring = new FakeRing(contact.label, request, events);
    this.rung.push(ring);
    return ring;
  }
  /** The rings of a device so far, latest last. */
  of(device: string): FakeRing[] { return this.rung.filter((ring) => ring.device === device); }
  last(device: string): FakeRing {
    const ring = this.of(device).at(-1);
    if (!ring) throw new Error(`${device} was not rung`);
    return ring;
  }
}
