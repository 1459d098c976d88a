import { decode, encode, fromJson, toJson } from '../../../src/h323/per';
import { h225, h245 } from '../../../src/h323/schemas';
import { acceptChannel, channelsToOpen, type DescribedChannel, type MediaCapabilities, type ProposedChannel } from '../../../src/h323/sdp';
import { CORPUS } from '../support/corpus';

/** How the H.323 party is described where nothing else says where it is. */
export const PARTY = { host: '127.0.0.9', sessionId: '1', version: 1 };

export const sdp = (...lines: string[]): string => ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...lines, ''].join('\r\n');

export const linesOf = (text: string, pattern: RegExp): string[] => text.split('\r\n').filter((line) => pattern.test(line));

/** Capabilities as the message that carries them. */
export const messageOf = (capabilities: MediaCapabilities): h245.TerminalCapabilitySet => ({ ...capabilities, sequenceNumber: 1, protocolIdentifier: '0.0.8.245.0.15' });

/** Capabilities as they arrive. */
export const received = (capabilities: MediaCapabilities): h245.TerminalCapabilitySet =>
  decode(h245.TerminalCapabilitySet, encode(h245.TerminalCapabilitySet, messageOf(capabilities)));

/** Capabilities written as JSON. */
export const capabilitySet = (json: object): h245.TerminalCapabilitySet => fromJson(h245.TerminalCapabilitySet, { sequenceNumber: 1, protocolIdentifier: '0.0.8.245.0.15', ...json } as never);

/** The capability sets that real stacks sent, in H.245 connections and in tunnels, by the recording; each once. */
export function recordedSets(): { recording: string; set: h245.TerminalCapabilitySet }[] {
  const messages = CORPUS.flatMap(({ recording, kind, octets }) => {
    if (kind === 'h245') return [{ recording, message: decode(h245.MultimediaSystemControlMessage, octets) }];
    if (kind === 'ras') return [];
    const { h245Control = [] } = decode(h225.H323UserInformation, octets)['h323-uu-pdu'];
    return h245Control.map((control) => ({ recording, message: decode(h245.MultimediaSystemControlMessage, control) }));
  });
  const sets = messages.flatMap(({ recording, message }) =>
    ('request' in message && 'terminalCapabilitySet' in message.request ? [{ recording, set: message.request.terminalCapabilitySet }] : []));
  return [...new Map(sets.map((entry) => [JSON.stringify(toJson(h245.TerminalCapabilitySet, entry.set)), entry])).values()];
}

/** The channels that are open when each of two parties opens towards the other what it proposes; seen from the first. */
export function opened(one: string, other: string, ofOne: MediaCapabilities, ofOther: MediaCapabilities): DescribedChannel[] {
  return [
    ...channelsToOpen(one, ofOther).map((channel, index) => openedIn(other, channel, 100 + index, 'send')),
    ...channelsToOpen(other, ofOne).map((channel, index) => openedIn(one, channel, 200 + index, 'receive')),
  ];
}

/** A proposed channel as it is when the party of the description has accepted it. */
export function openedIn(receiver: string, proposed: ProposedChannel, number: number, direction: 'send' | 'receive'): DescribedChannel {
  const channel = { ...proposed, number, sessionId: proposed.medium === 'content' ? 32 : proposed.sessionId };
  const answer = acceptChannel(receiver, channel);
  if ('refuse' in answer) throw new Error(`${proposed.medium} is refused: ${answer.reason}`);
  const { sessionId, dataType, parameters } = channel;
  // The peer is asked to use the description's number; endpoints of others have their own.
  const payloadType = direction === 'receive' && answer.payloadType !== undefined ? answer.payloadType : channel.payloadType;
  return { direction, number, sessionId, dataType, payloadType, media: answer.media, parameters };
}
