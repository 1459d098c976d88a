import { AnchoredBridge } from './anchored-bridge';
import type { AnchoredPath } from './anchored-path';
import { release, type Release } from './cause';
import type { ConferenceFloors } from './floor';
import type { ActiveLeg, InboundLeg, LegEvents } from './leg';
import type { MediaEndpoint, PromptLanguage } from './media';

/** Members of one meeting room, at most. */
const MAX_MEMBERS = 100;
const PIN_TRIES = 3;
const PIN_DIGITS = 12;
const PIN_SECONDS = 20;

/** What entering a meeting room needs to know of the caller and the room. */
export interface RoomVisit {
  caller: InboundLeg;
  path: AnchoredPath;
  /** Service address and shown name of the room. */
  address: string;
  name?: string;
  language: PromptLanguage;
  /** Where presentations are controlled; without it nobody has floor control. */
  floors?: ConferenceFloors;
  /** True for the right digits; undefined: the room has no PIN. */
  checkPin?: (digits: string) => Promise<boolean>;
  events: LegEvents;
  /** The caller is connected: from now on it is ended with `bridge`. */
  connected: (bridge: AnchoredBridge) => void;
  on: { ended: (why: Release) => void; error: (error: unknown) => void };
}

/** Answers the caller, asks for the PIN and lets it into the room's conference. Rejects when the caller has gone. */
export async function enterRoom(visit: RoomVisit): Promise<void> {
  const { caller, path, address, name, language, on } = visit;
  const conference = `room-${address}`;
  const seat = visit.floors?.seat(conference);
  const { endpoint, sdp, ack } = await path.admit(seat);
  const leg: ActiveLeg = await caller.answer(sdp, { address, name }, {}, ack);
  const bridge = new AnchoredBridge(path.media, [{ id: 'caller', leg, endpoint, principal: true, told: new Map(), ...(seat && { seat }) }], language, on);
  visit.connected(bridge);
  leg.attach(visit.events);
  if (visit.checkPin && !await pinGiven(endpoint, language, visit.checkPin)) {
    await endpoint.play('goodbye', language);
    bridge.remove('caller', release(403, 'the PIN was wrong', 'gateway', { q850: 21 }));
    return;
  }
  if (bridge.size === 0) return;
  const room = await path.media.conference(conference, { layout: 'speaker', maxMembers: MAX_MEMBERS });
  await bridge.visit(room);
  seat?.admit();
  await room.play('joined', language);
}

async function pinGiven(endpoint: MediaEndpoint, language: PromptLanguage, isRight: (digits: string) => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < PIN_TRIES; tries++) {
    const digits = await endpoint.collect(tries === 0 ? 'enter-pin' : 'wrong-pin', language, { digits: PIN_DIGITS, seconds: PIN_SECONDS });
    if (await isRight(digits)) return true;
  }
  return false;
}
