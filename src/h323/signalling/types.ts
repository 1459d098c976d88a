import type { ControlChannel } from '../contracts';
import type { BearerCapability, Cause, PresentedNumber, Progress } from '../q931';
import type { HostPort } from '../ras';
import type { h225, h235, h245, h450 } from '../schemas';
import type { AnnouncedCalls } from './announced-calls';
import type { Clock } from '../clock';
import type { SignallingTimers } from './timing';

/** This side of all calls. */
export interface LocalEndpoint {
  /** What it is: vendor, gateway, terminal or MCU. */
  endpointType: h225.EndpointType;
  /** Whether H.245 may be tunnelled; default: yes. */
  tunnelling?: boolean;
  /** Ports for H.245 in connections of their own; default: any. */
  h245Ports?: { first: number; last: number };
  timers?: Partial<SignallingTimers>;
  clock?: Clock;
  /** Faults of this program, and of connections that broke; those of hostile peers among them. */
  onFault?(error: Error): void;
}

/** How a call ended. */
export interface CallRelease {
  /** Q.850 cause value. */
  q850: number;
  /** Who: the peer, the network by losing a connection or denying one, or a timer of this side. */
  by: 'peer' | 'network' | 'timer';
  /** As the peer gave them. */
  reason?: h225.ReleaseCompleteReason;
  cause?: Cause;
  /** What broke, where something did. */
  fault?: Error;
}

/** fastStart in an answer: the channels that are accepted, or the refusal of all (H.323 section 8.1.7). */
export type FastStartAnswer = readonly h245.OpenLogicalChannel[] | 'refused';

/** Digits that came in INFORMATION. */
export interface Digits {
  /** `dialled`: more of the called number, in overlap; `keypad`: user input. */
  kind: 'dialled' | 'keypad';
  digits: string;
}

/** What the peer of a call does; set before any of it can arrive. */
export interface CallEvents {
  /** Once, unless this side released it. */
  released(release: CallRelease): void;
  digits?(digits: Digits): void;
  /** A Facility with something else in it than what is told otherwise. */
  facility?(facility: h225.FacilityUUIE): void;
  notified?(notify: { indicator?: number; body: h225.NotifyUUIE }): void;
  /** Supplementary services (H.450), with any message. */
  services?(services: readonly h450.H4501SupplementaryService[]): void;
}

/** What a Facility may say to the owner's peer. */
export type FacilityContent = Omit<h225.FacilityUUIE, 'protocolIdentifier' | 'callIdentifier' | 'multipleCalls' | 'maintainConnection'>;

/** How a call is released: by a Q.850 cause, a reason of H.225.0, or both; the one stands for the other. */
export interface ReleaseRequest {
  q850?: number;
  reason?: h225.ReleaseCompleteReason;
}

/** A call, in both roles. What is asked of a call that has ended is passed over. */
export interface SignallingCall {
  /** The call identifier, 16 octets. */
  readonly callId: Buffer;
  /** The conference identifier, 16 octets. */
  readonly conferenceId: Buffer;
  readonly control: ControlChannel;
  /** The other end of its connection. */
  readonly remote: HostPort;
  release(request?: ReleaseRequest): void;
  facility(content: FacilityContent): void;
  /** Sends supplementary services, in a Facility. */
  sendServices(services: readonly h450.H4501SupplementaryService[]): void;
  /** Sends digits in INFORMATION: as user input, or as more of the called number. */
  sendDigits(digits: Digits): void;
  /** Notification indicator of Q.931 section 4.5.22: 0x79 remote hold, 0x7a remote retrieval. */
  notify(indicator: number): void;
  /** Asks the peer for its state (Status Inquiry); false when it does not know the call or does not answer within T322. */
  probe(): Promise<boolean>;
}

/** What a Setup says. */
export interface IncomingSetup {
  source: {
    aliases: readonly h225.AliasAddress[];
    number?: PresentedNumber;
    display?: string;
    endpoint: h225.EndpointType;
    /** Where it takes calls. */
    address?: HostPort;
  };
  dialled: { aliases: readonly h225.AliasAddress[]; number?: string };
  bearer?: BearerCapability;
  /** The channels that fast connect proposes; undefined without fast connect. */
  fastStart?: readonly h245.OpenLogicalChannel[];
  /** Whether the caller can tunnel H.245. */
  tunnelling: boolean;
  /** More of the called number may follow. */
  canOverlapSend: boolean;
  sendingComplete: boolean;
  /** Version of H.225.0, from 1. */
  version: number;
  /** All of it: tokens, features, hop count and what else there is. */
  body: h225.SetupUUIE;
}

/** What an answer to a Setup may carry. */
export interface Answer {
  fastStart?: FastStartAnswer;
  display?: string;
  /** Progress indicator; `IN_BAND` tells of early media. */
  progress?: Progress;
  /** Who is reached. */
  aliases?: readonly h225.AliasAddress[];
  /** H.235. */
  tokens?: readonly h235.ClearToken[];
}

export interface IncomingEvents extends CallEvents {
  /** After `acknowledge`: the number as far as it came; `complete` by the caller's word or because T302 ran out. */
  dialled?(number: string, complete: boolean): void;
}

/** A call that came in. It waits for one of the answers; `connect` and `release` are final. */
export interface IncomingCall extends SignallingCall {
  readonly setup: IncomingSetup;
  /**
   * The caller is behind a firewall, which is said before all else: connections for H.245 are its to make. `featureSet` goes with the
   * answers.
   */
  behindFirewall(featureSet?: h225.FeatureSet): void;
  /** Who takes its events; what happened before is told at once. */
  attach(events: IncomingEvents): void;
  /** Setup Acknowledge: asks for more digits. */
  acknowledge(): void;
  proceeding(answer?: Answer): void;
  alerting(answer?: Answer): void;
  progress(answer?: Answer): void;
  connect(answer?: Answer): void;
}

/** An answer that came. */
export interface ReceivedAnswer {
  fastStart?: FastStartAnswer;
  display?: string;
  progress?: Progress;
  aliases?: readonly h225.AliasAddress[];
  endpoint?: h225.EndpointType;
  tokens?: readonly h235.ClearToken[];
  version: number;
}

/** The peer wants the call to go elsewhere (Facility: H.323 section 8.1.2 and 8.4). */
export interface Forwarding {
  reason: 'callForwarded' | 'routeCallToGatekeeper' | 'routeCallToMC';
  address?: HostPort;
  aliases: readonly h225.AliasAddress[];
  conferenceId?: Buffer;
}

export interface OutgoingEvents extends CallEvents {
  proceeding?(answer: ReceivedAnswer): void;
  alerting?(answer: ReceivedAnswer): void;
  progress?(answer: ReceivedAnswer): void;
  connected(answer: ReceivedAnswer): void;
  /** The owner may call there and release this call. */
  forwarded?(forwarding: Forwarding): void;
  /** Setup Acknowledge: the peer wants more digits. */
  moreDigits?(): void;
}

/** How an endpoint behind a firewall is told of a call, for which it connects by itself (H.460.18). */
export interface Announcement {
  /** Those of the server that the endpoint connects to. */
  calls: AnnouncedCalls;
  /** Tells the endpoint of the call; whether it will connect. */
  announce(): Promise<boolean>;
}

/** A call to be placed. */
export interface CallRequest {
  /** Where to: the endpoint's address, or that of its gatekeeper. With an announcement, where the endpoint connects from. */
  address: HostPort;
  announcement?: Announcement;
  /** The endpoint is behind a firewall: connections for H.245 are its to make. */
  behindFirewall?: boolean;
  /** The address to call from; default: what the system chooses. */
  from?: string;
  source: {
    aliases: readonly h225.AliasAddress[];
    number?: PresentedNumber;
    display?: string;
    /** Where this side takes calls. */
    address?: HostPort;
  };
  destination: { aliases: readonly h225.AliasAddress[]; number?: string };
  bearer: BearerCapability;
  /** Proposes fast connect. */
  fastStart?: readonly h245.OpenLogicalChannel[];
  /** Starts H.245 in Setup where it may be tunnelled there; the control channel must be attached to in the same turn. */
  controlInSetup?: boolean;
  /** Listens for H.245 from Setup on, where it is not tunnelled. */
  listenFromSetup?: boolean;
  callId?: Buffer;
  conferenceId?: Buffer;
  canOverlapSend?: boolean;
  /** Fields of Setup that are passed as they are: tokens, endpoint identifier, features, hop count. */
  more?: Partial<h225.SetupUUIE>;
  services?: readonly h450.H4501SupplementaryService[];
}

export type OutgoingCall = SignallingCall;
