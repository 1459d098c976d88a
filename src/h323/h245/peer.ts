import { alternative } from '../per';
import type { h225, h245 } from '../schemas';

/** What is known of the peer before H.245 starts. */
export interface Peer {
  /** Of its Setup, Connect, or registration. */
  vendor?: h225.VendorIdentifier;
}

/** H.245 versions that brought messages, for peers that would not know them. */
const FIRST_VERSION: Record<string, number> = { functionNotSupported: 2, genericRequest: 8, genericResponse: 8, genericCommand: 8, genericIndication: 8 };

/** Whether a peer of that version (undefined: not known) knows the message. */
export const knowsMessage = (name: string, version: number | undefined): boolean => version === undefined || version >= (FIRST_VERSION[name] ?? 1);

/** ooh323c, of which Asterisk's chan_ooh323 is made, loses its way in qOSCapabilities, and with it the message (Asterisk 16). */
const isOoh323 = ({ vendor }: Peer): boolean => vendor?.productId?.toString('latin1').startsWith('ooh323') ?? false;

/** The message as this peer can take it. */
export function fitFor(peer: Peer, message: h245.MultimediaSystemControlMessage): h245.MultimediaSystemControlMessage {
  if (!isOoh323(peer)) return message;
  const request = alternative(message, 'request');
  const open = alternative(request, 'openLogicalChannel');
  if (open) return { request: { openLogicalChannel: withoutQos(open) } };
  const set = alternative(request, 'terminalCapabilitySet');
  const h2250 = alternative(set?.multiplexCapability, 'h2250Capability');
  if (!set || !h2250) return message;
  return { request: { terminalCapabilitySet: { ...set, multiplexCapability: { h2250Capability: { ...h2250, transportCapability: undefined } } } } };
}

function withoutQos(open: h245.OpenLogicalChannel): h245.OpenLogicalChannel {
  const { forwardLogicalChannelParameters: forward, reverseLogicalChannelParameters: reverse } = open;
  const there = alternative(forward.multiplexParameters, 'h2250LogicalChannelParameters');
  const back = alternative(reverse?.multiplexParameters, 'h2250LogicalChannelParameters');
  return {
    ...open,
    forwardLogicalChannelParameters: there
      ? { ...forward, multiplexParameters: { h2250LogicalChannelParameters: { ...there, transportCapability: undefined } } } : forward,
    reverseLogicalChannelParameters: reverse && back
      ? { ...reverse, multiplexParameters: { h2250LogicalChannelParameters: { ...back, transportCapability: undefined } } } : reverse,
  };
}
