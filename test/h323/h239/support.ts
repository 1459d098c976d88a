import { PresentationToken, TokenFloor, type TokenEvents } from '../../../src/h323/h239';
import type { GenericMessage } from '../../../src/h323/h245';
import { decode, encode } from '../../../src/h323/per';
import { h245 } from '../../../src/h323/schemas';
import { showSent } from '../../../src/h323/sent';

const DELAY_MS = 20;
const SCHEMA = h245.MultimediaSystemControlMessage;

/** A message as it is on the wire, and as it comes out there. */
export function overTheWire({ kind, message }: GenericMessage): GenericMessage {
  const names = { request: 'genericRequest', response: 'genericResponse', command: 'genericCommand', indication: 'genericIndication' } as const;
  const octets = encode(SCHEMA, { [kind]: { [names[kind]]: message } } as never);
  showSent('h245', octets);
  const received = Object.values(Object.values(decode(SCHEMA, octets) as object)[0] as object)[0] as h245.GenericMessage;
  return { kind, message: received };
}

export interface Terminal {
  token: PresentationToken;
  /** What it was told. */
  told: string[];
}

/** Two terminals under jest's fake timers, with the numbers that they break symmetry by. */
export function terminals(symmetry: readonly [number[], number[]], flowControl?: TokenEvents['flowControl']): [Terminal, Terminal] {
  const ends: Terminal[] = symmetry.map((numbers, side) => {
    const told: string[] = [];
    const tell = (what: string) => (): void => void told.push(what);
    const token = new PresentationToken({
      send: (message) => {
        const received = overTheWire(message);
        setTimeout(() => ends[1 - side]!.token.received(received), DELAY_MS);
      },
      symmetryBreaking: () => numbers.shift()!,
      events: {
        requested: (channelId) => told.push(`requested ${channelId}`), released: tell('released'), granted: tell('granted'), refused: tell('refused'), revoked: tell('revoked'),
        ...(flowControl && { flowControl }),
      },
    });
    return { token, told };
  });
  return ends as [Terminal, Terminal];
}

/** A terminal of ours in a leg, and the device at its other end. */
export function tokenFloor(): { floor: TokenFloor; device: Terminal } {
  const told: string[] = [];
  const tell = (what: string) => (): void => void told.push(what);
  const floor = new TokenFloor({ send: (message) => void setTimeout(() => token.received(overTheWire(message)), DELAY_MS), symmetryBreaking: () => 64, channelId: () => 103 });
  const token = new PresentationToken({
    send: (message) => void setTimeout(() => floor.received(overTheWire(message)), DELAY_MS),
    symmetryBreaking: () => 32,
    events: { requested: () => { told.push('requested'); token.grant(); }, released: tell('released'), granted: tell('granted'), refused: tell('refused'), revoked: tell('revoked') },
  });
  return { floor, device: { token, told } };
}
