// H.460.18 (09/2005) and H.460.19 (09/2005): traversal of NATs and firewalls.
import { type Infer, integer, optional, sequence, UINT32_MAX } from '../../per';
import { TransportAddress as SignallingAddress } from '../h225/addresses';
import { CallIdentifier, TimeToLive } from '../h225/identifiers';
import { TransportAddress } from '../h245/values';

/** H.460.18: where the endpoint behind the firewall shall connect to take a call; the gatekeeper sends it in an SCI. */
export const IncomingCallIndication = sequence({
  callSignallingAddress: SignallingAddress,
  callID: CallIdentifier,
}, {});
export type IncomingCallIndication = Infer<typeof IncomingCallIndication>;

/** H.460.18: seconds between the LRQs that keep the way between neighbours open. */
export const LRQKeepAliveData = sequence({ lrqKeepAliveInterval: TimeToLive }, {});
export type LRQKeepAliveData = Infer<typeof LRQKeepAliveData>;

/** H.460.19: media addresses of a logical channel; it travels in the generic information of its messages. */
export const TraversalParameters = sequence({
  multiplexedMediaChannel: optional(TransportAddress),
  multiplexedMediaControlChannel: optional(TransportAddress),
  multiplexID: optional(integer(0, UINT32_MAX)),
  keepAliveChannel: optional(TransportAddress),
  keepAlivePayloadType: optional(integer(0, 127)),
  keepAliveInterval: optional(TimeToLive),
}, {});
export type TraversalParameters = Infer<typeof TraversalParameters>;
