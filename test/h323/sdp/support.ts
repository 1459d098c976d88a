import { fromJson, toJson } from '../../../src/h323/per';
import { h245 } from '../../../src/h323/schemas';
import { acceptChannel, channelsToOpen, openRequest, type DescribedChannel, type ProposedChannel } from '../../../src/h323/sdp';

/** How the H.323 party is described where nothing else says where it is. */
export const PARTY = { host: '127.0.0.9', sessionId: '1', version: 1 };

export const sdp = (...lines: string[]): string => ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...lines, ''].join('\r\n');

export const linesOf = (text: string, pattern: RegExp): string[] => text.split('\r\n').filter((line) => pattern.test(line));

/** A capability set as it arrives: in JSON form, to be compared, without what only an encoding knows. */
export const seen = (set: h245.TerminalCapabilitySet): unknown => toJson(h245.TerminalCapabilitySet, set);

export const capabilitySet = (json: unknown): h245.TerminalCapabilitySet => fromJson(h245.TerminalCapabilitySet, json as never);

/** The channels that are open when both sides open what they propose: `local` with its capabilities known to a peer that has `remote`'s. */
export function opened(local: string, peer: string, localCapabilities: h245.TerminalCapabilitySet, peerCapabilities: h245.TerminalCapabilitySet): DescribedChannel[] {
  const from = (channel: ProposedChannel): ProposedChannel => ({ ...channel, sessionId: channel.medium === 'content' ? 32 : channel.sessionId });
  const toPeer = channelsToOpen(local, peerCapabilities).map(from).map((channel, index) => accepted(peer, channel, 100 + index, 'send'));
  const fromPeer = channelsToOpen(peer, localCapabilities).map(from).map((channel, index) => accepted(local, channel, 200 + index, 'receive'));
  return [...toPeer, ...fromPeer];
}

function accepted(receiver: string, channel: ProposedChannel, number: number, direction: 'send' | 'receive'): DescribedChannel {
  const answer = acceptChannel(receiver, openRequest(channel, number, { host: '127.0.0.8', port: 9 }));
  if (!answer.accepted) throw new Error(`${channel.medium} is refused: ${answer.reason}`);
  return { ...answer.channel, direction, ...(channel.packetization && { packetization: channel.packetization }) };
}
