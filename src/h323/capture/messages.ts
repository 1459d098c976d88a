import { decode, encode, PerError, toJson, type Json, type Schema } from '../per';
import { ASN1_DISCRIMINATOR, decodeQ931, Q931Error, TpktFramer, type Q931Message } from '../q931';
import { h225, h245, h450 } from '../schemas';
import { readCapture } from './capture-file';
import { packetOf, type Packet } from './packet';
import { StreamOrder } from './streams';

/** The kinds of PDU that stand alone, as the command line calls them. */
export const PDU_KINDS = {
  ras: h225.RasMessage,
  cs: h225.H323UserInformation,
  h245: h245.MultimediaSystemControlMessage,
} as const satisfies Record<string, Schema<unknown>>;

export type PduKind = keyof typeof PDU_KINDS;

/** One layer of a message, outermost first: `tpkt`, `q931`, one of PDU_KINDS, `h4501`, `fastStart`. */
export interface Layer {
  layer: string;
  value?: Json;
  /** What kept it from being read. */
  error?: string;
}

export interface CapturedMessage {
  frame?: number;
  source?: string;
  destination?: string;
  layers: Layer[];
}

/** RAS: discovery and unicast (H.225.0 appendix IV). */
const RAS_PORTS = [1718, 1719];
const CALL_SIGNALLING_PORT = 1720;

/**
 * The H.323 messages of a capture file, with their layers: RAS on its ports, and every TCP connection that speaks TPKT, H.245 in its
 * own connections included.
 * @throws CaptureError
 */
export function* messagesOf(capture: Buffer): Generator<CapturedMessage> {
  const order = new StreamOrder();
  const framers = new Map<string, TpktFramer | undefined>();
  for (const frame of readCapture(capture)) {
    const packet = packetOf(frame);
    if (!packet || packet.payload.length === 0 && !packet.starts) continue;
    const { source, destination } = packet;
    if (packet.transport === 'udp') {
      if (RAS_PORTS.includes(packet.sourcePort) || RAS_PORTS.includes(packet.destinationPort)) {
        yield { frame: frame.number, source, destination, layers: [pduLayer('ras', packet.payload)] };
      }
      continue;
    }
    for (const piece of order.push(packet as Packet & { sequence: number })) {
      const key = `${source} ${destination}`;
      if (piece.starts || !framers.has(key)) framers.set(key, speaksTpkt(piece) ? new TpktFramer() : undefined);
      const framer = framers.get(key);
      if (!framer) continue;
      try {
        for (const payload of framer.push(piece.payload)) {
          yield { frame: piece.frame, source, destination, layers: [{ layer: 'tpkt', value: { length: payload.length + 4 } }, ...layersOf(payload)] };
        }
      } catch (fault) {
        if (!(fault instanceof Q931Error)) throw fault;
        framers.set(key, undefined);
        yield { frame: piece.frame, source, destination, layers: [{ layer: 'tpkt', error: fault.message }] };
      }
    }
  }
}

function speaksTpkt({ payload, sourcePort, destinationPort }: Packet): boolean {
  if (sourcePort === CALL_SIGNALLING_PORT || destinationPort === CALL_SIGNALLING_PORT) return true;
  return payload.length >= 4 && payload[0] === 3 && payload[1] === 0 && payload.readUInt16BE(2) >= 5;
}

/** Q.931 begins with its protocol discriminator and a call reference of two octets; H.245 never begins so. */
const looksLikeQ931 = (octets: Buffer): boolean => octets.length >= 5 && octets[0] === 8 && octets[1] === 2;

/**
 * The layers of one PDU of whatever kind: TPKT, Q.931, and PER of the kind that decodes to its end and encodes to the same again.
 */
export function layersOfAny(octets: Buffer): Layer[] {
  if (octets.length >= 4 && octets[0] === 3 && octets[1] === 0 && octets.readUInt16BE(2) === octets.length) {
    return [{ layer: 'tpkt', value: { length: octets.length } }, ...layersOf(octets.subarray(4))];
  }
  if (looksLikeQ931(octets)) return layersOf(octets);
  return [mostLikely(octets)];
}

/** The layers of a TPKT packet's payload. */
function layersOf(payload: Buffer): Layer[] {
  if (!looksLikeQ931(payload)) return [pduLayer('h245', payload)];
  try {
    const { userUser, ...message } = decodeQ931(payload);
    const layers: Layer[] = [{ layer: 'q931', value: q931Json(message) }];
    if (userUser?.protocolDiscriminator === ASN1_DISCRIMINATOR) layers.push(...callSignallingLayers(userUser.octets));
    return layers;
  } catch (fault) {
    if (!(fault instanceof Q931Error)) throw fault;
    return [{ layer: 'q931', error: fault.message }];
  }
}

function callSignallingLayers(octets: Buffer): Layer[] {
  const layer = pduLayer('cs', octets);
  if (layer.error !== undefined) return [layer];
  const { 'h323-uu-pdu': pdu } = decode(h225.H323UserInformation, octets);
  const start = Object.values(pdu['h323-message-body'])[0] as { fastStart?: Buffer[] } | null;
  return [
    layer,
    ...(pdu.h245Control ?? []).map((control) => pduLayer('h245', control)),
    ...(start?.fastStart ?? []).map((channel) => perLayer('fastStart', h245.OpenLogicalChannel, channel)),
    ...(pdu.h4501SupplementaryService ?? []).map((service) => perLayer('h4501', h450.H4501SupplementaryService, service)),
  ];
}

const pduLayer = (kind: PduKind, octets: Buffer): Layer => perLayer(kind, PDU_KINDS[kind] as Schema<unknown>, octets);

function perLayer<T>(layer: string, schema: Schema<T>, octets: Buffer): Layer {
  try {
    return { layer, value: toJson(schema, decode(schema, octets)) };
  } catch (fault) {
    if (!(fault instanceof PerError)) throw fault;
    return { layer, error: fault.message };
  }
}

function mostLikely(octets: Buffer): Layer {
  const candidates = (Object.keys(PDU_KINDS) as PduKind[]).map((kind) => ({ kind, score: score(kind, octets) })).sort((a, b) => b.score - a.score);
  return pduLayer(candidates[0]!.kind, octets);
}

/** 0 does not decode; 1 decodes; 2 and encodes to about as many octets; 3 to the same. */
function score(kind: PduKind, octets: Buffer): number {
  try {
    const schema = PDU_KINDS[kind] as Schema<unknown>;
    const again = encode(schema, decode(schema, octets));
    return again.equals(octets) ? 3 : Math.abs(again.length - octets.length) <= 8 ? 2 : 1;
  } catch (fault) {
    if (fault instanceof PerError) return 0;
    throw fault;
  }
}

/** Octets of Q.931 fields as hexadecimal strings. */
function q931Json(message: Omit<Q931Message, 'userUser'>): Json {
  return JSON.parse(JSON.stringify(message, (_, value: unknown) => (isSerialisedBuffer(value) ? Buffer.from(value.data).toString('hex') : value))) as Json;
}

const isSerialisedBuffer = (value: unknown): value is { data: number[] } =>
  typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Buffer' && Array.isArray((value as { data?: unknown }).data);
