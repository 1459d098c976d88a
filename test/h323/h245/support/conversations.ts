import { alternative, decode } from '../../../../src/h323/per';
import { h225, h245 } from '../../../../src/h323/schemas';
import { CORPUS } from '../../support/corpus';

type Message = h245.MultimediaSystemControlMessage;

/** What the two sides of a recorded call said in H.245, each in its own order. */
export interface Conversation {
  name: string;
  ours: Message[];
  theirs: Message[];
}

/** All recorded conversations, from the point of view of either side. Recordings hold one side after the other; each begins with its capabilities. */
export function conversations(): Conversation[] {
  const sides = new Map<string, Message[][]>();
  for (const { recording, kind, octets } of CORPUS) {
    if (kind === 'ras') continue;
    const messages = kind === 'h245' ? [octets] : decode(h225.H323UserInformation, octets)['h323-uu-pdu'].h245Control ?? [];
    const before = sides.get(recording) ?? [];
    sides.set(recording, before);
    for (const message of messages.map((each) => decode(h245.MultimediaSystemControlMessage, each))) {
      if (requestOf(message, 'terminalCapabilitySet')) before.push([]);
      before.at(-1)?.push(message);
    }
  }
  return [...sides].flatMap(([recording, parts]) => parts.map((ours, side) => ({ name: `${recording} ${side}`, ours, theirs: parts[side ^ 1]! }))).filter(({ theirs }) => theirs);
}

export const requestOf = <N extends 'terminalCapabilitySet' | 'openLogicalChannel' | 'masterSlaveDetermination'>(message: Message, name: N): Extract<h245.RequestMessage, Record<N, unknown>>[N] | undefined =>
  alternative(alternative(message, 'request'), name) as never;
export const acknowledgementOf = (message: Message): h245.OpenLogicalChannelAck | undefined => alternative(alternative(message, 'response'), 'openLogicalChannelAck');
export const userInputOf = (message: Message): h245.UserInputIndication | undefined => alternative(alternative(message, 'indication'), 'userInput');
