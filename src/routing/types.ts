import type { Language, MediaMode, Strategy } from '../directory/model';

/** Who dials: a registered device by its address, a trusted peer by its configured name, or this gateway itself. */
export type RouteSource = { kind: 'registered'; device: string } | { kind: 'peer'; name: string } | { kind: 'local' };

export interface RouteRequest {
  /** What was dialled, as it was dialled. */
  dialled: string;
  source: RouteSource;
  /** When; default now. */
  at?: Date;
  protocol?: 'sip' | 'h323';
  /** Remaining hops (Max-Forwards); 0 is refused with 483. */
  hops?: number;
}

/** Rung as one: a device, all devices of one person, or an address at a peer. */
export type Target =
  | {
    peer?: undefined;
    /** Device addresses, rung at once; the first to answer wins. */
    devices: string[];
    name: string;
    person?: string;
    group: string;
  }
  | { peer: string; uri: string; name: string; person?: undefined };

export interface PlanStage {
  strategy: Strategy;
  /** How long the whole stage rings, seconds. */
  ringSeconds: number;
  /** How long each target of a one-at-a-time strategy rings, seconds. */
  targetSeconds: number;
  /** Already in the order in which they ring. */
  targets: Target[];
  /** The service whose stage this is: the dialled one, or one that it overflows to. */
  service?: string;
}

/** Why a call is refused, in the vocabularies of SIP, Q.850, people and programs. */
export interface Refusal {
  status: number;
  q850: number;
  /** Complete value of a SIP `Warning` header (RFC 3261 section 20.43). */
  warning: string;
  reasonCode: ReasonCode;
  /** Complete addresses that the caller may have meant, best first. */
  suggestions: string[];
  /** Further response headers: `Contact` of a 300. */
  headers?: Record<string, string>;
}

export type ReasonCode =
  | 'not-an-address' | 'incomplete' | 'unknown' | 'ambiguous' | 'language-not-served' | 'closed' | 'no-agent' | 'disabled' | 'moved'
  | 'caller-not-allowed' | 'refused-by-rule' | 'loop' | 'hop-limit' | 'dial-plan-fault';

export interface RoutingPlan {
  kind: 'plan';
  /** The address that was found, in the directory's spelling; for a peer what is asked there. */
  canonical: string;
  /** Shown name of what was found. */
  name?: string;
  /** Address of the dialled service, or of the dialled device. */
  service?: string;
  /** The service's kind: `interpreting`, `room`, ... */
  serviceKind?: string;
  device?: string;
  language?: Language;
  media: MediaMode;
  /** Dialled during a call, joins it as a third party. */
  joins: boolean;
  /** A meeting room: the caller enters it, and `stages` is empty. */
  room?: { pin?: string };
  /** Rung one after another until somebody answers; overflow is in them already. At least one but for a room, none empty. */
  stages: PlanStage[];
  steps: Step[];
}

export interface RefusedRoute extends Refusal {
  kind: 'refused';
  /** The service that refuses, in which language, and how its media would flow; what it can be said with. */
  service?: string;
  language?: Language;
  media?: MediaMode;
  steps: Step[];
}

export type RouteResult = RoutingPlan | RefusedRoute;

export type StepKind =
  | 'address' | 'caller' | 'transform' | 'rule' | 'directory' | 'hours' | 'overflow' | 'stage' | 'target' | 'media' | 'refusal';

/** One decision on the way from what was dialled to who rings. */
export interface Step {
  step: StepKind;
  /** Name of the transform or search rule, or of the service's group. */
  rule?: string;
  input: string;
  output?: string;
  /** One word or two: `matched`, `not found`, `open`, `left out`, ... */
  result: string;
  note?: string;
}

/** What the ordering of targets goes by; `calls/` keeps it. */
export interface TargetState {
  /** When the device's last call ended, milliseconds since the epoch; undefined: none known. */
  lastFreed(device: string): number | undefined;
  callsToday(device: string): number;
  /** Round robin: the index, 0 to size - 1, of the target that is first this time; every call takes a turn. */
  nextTurn(service: string, group: string, size: number): number;
}

/** What is known of devices now; it annotates the explanation and changes no route. */
export interface Availability {
  registered(device: string): boolean;
  busy(device: string): boolean;
}

export interface Router {
  /** Where this would go now. Rejects only when the directory cannot be read. */
  route(request: RouteRequest): Promise<RouteResult>;
}
