import { encode, PerError } from '../per';
import { h245 } from '../schemas';
import { knowsMessage } from './peer';

type Message = h245.MultimediaSystemControlMessage;

/** Larger messages are not sent back to who sent them. */
const MAX_RETURNED_OCTETS = 2_048;

/** The answer that says no where H.245 has one, to requests of procedures that this program does not take part in; undefined where it has none. */
export function refusalOf(request: h245.RequestMessage): h245.ResponseMessage | undefined {
  if ('conferenceRequest' in request) {
    const refusal = conferenceRefusal(request.conferenceRequest);
    return refusal && { conferenceResponse: refusal };
  }
  if ('maintenanceLoopRequest' in request) {
    const { type } = request.maintenanceLoopRequest;
    return '...' in type ? undefined : { maintenanceLoopReject: { type, cause: { canNotPerformLoop: null } } };
  }
  if ('logicalChannelRateRequest' in request) {
    const { sequenceNumber, logicalChannelNumber } = request.logicalChannelRateRequest;
    return { logicalChannelRateReject: { sequenceNumber, logicalChannelNumber, rejectReason: { undefinedReason: null } } };
  }
  if ('multiplexEntrySend' in request) {
    const { sequenceNumber, multiplexEntryDescriptors } = request.multiplexEntrySend;
    return { multiplexEntrySendReject: { sequenceNumber, rejectionDescriptions: multiplexEntryDescriptors.map(({ multiplexTableEntryNumber }) => (
      { multiplexTableEntryNumber, cause: { unspecifiedCause: null } })) } };
  }
  if ('requestMultiplexEntry' in request) {
    const { entryNumbers } = request.requestMultiplexEntry;
    return { requestMultiplexEntryReject: { entryNumbers, rejectionDescriptions: entryNumbers.map((multiplexTableEntryNumber) => (
      { multiplexTableEntryNumber, cause: { unspecifiedCause: null } })) } };
  }
  return undefined;
}

/** This side is no MC and no chair (H.245 section B.10). */
function conferenceRefusal(request: h245.ConferenceRequest): h245.ConferenceResponse | undefined {
  if ('makeMeChair' in request) return { makeMeChairResponse: { deniedChairToken: null } };
  if ('dropTerminal' in request) return { terminalDropReject: null };
  if ('broadcastMyLogicalChannel' in request) return { broadcastMyLogicalChannelResponse: { deniedBroadcastMyLogicalChannel: null } };
  if ('makeTerminalBroadcaster' in request) return { makeTerminalBroadcasterResponse: { deniedMakeTerminalBroadcaster: null } };
  if ('sendThisSource' in request) return { sendThisSourceResponse: { deniedSendThisSource: null } };
  if ('remoteMCRequest' in request) return { remoteMCResponse: { reject: { functionNotSupported: null } } };
  return undefined;
}

/**
 * What is sent back of a request, response or command that this program does not know at all (FunctionNotUnderstood), or knows
 * and does not do (FunctionNotSupported, H.245 section B.14); undefined for indications, which nobody answers.
 */
export function notSupported(message: Message, peerVersion: number | undefined): h245.IndicationMessage | undefined {
  if ('indication' in message || '...' in message) return undefined;
  const unknown = Object.values(message).some((content: object) => '...' in content || 'nonStandard' in content);
  if (unknown || !knowsMessage('functionNotSupported', peerVersion)) return { functionNotUnderstood: message };
  return { functionNotSupported: { cause: { unknownFunction: null }, returnedFunction: returned(message) } };
}

function returned(message: Message): Buffer | undefined {
  try {
    const octets = encode(h245.MultimediaSystemControlMessage, message);
    return octets.length <= MAX_RETURNED_OCTETS ? octets : undefined;
  } catch (error) {
    if (error instanceof PerError) return undefined;
    throw error;
  }
}
