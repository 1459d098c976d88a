import { decode, PerError } from '../per';
import { h245 } from '../schemas';
import type { OutgoingCapabilities } from './capability-exchange';
import type { Routes } from './dispatch';
import { H245Error } from './errors';
import type { IncomingChannels } from './incoming-channels';
import type { MasterSlaveDetermination } from './master-slave';
import type { ModeRequest } from './mode-request';
import type { GenericMessage, H245Handlers } from './options';
import type { OutgoingChannels } from './outgoing-channels';
import type { RoundTrip } from './round-trip';
import { readUserInput } from './user-input';

/** The procedures of a session. */
export interface Procedures {
  handlers: H245Handlers;
  determination: MasterSlaveDetermination;
  exchange: OutgoingCapabilities;
  outgoing: OutgoingChannels;
  incoming: IncomingChannels;
  modes: ModeRequest;
  roundTrip: RoundTrip;
  send(message: h245.MultimediaSystemControlMessage): void;
  capabilitySet(set: h245.TerminalCapabilitySet): void;
  sendCapabilitySet(): void;
  ended(): void;
}

/** Which procedure takes which message of the peer's. */
export function routesOf(procedures: Procedures): Routes {
  const { handlers, determination, exchange, outgoing, incoming, modes, roundTrip } = procedures;
  const generic = (kind: GenericMessage['kind']) => (message: h245.GenericMessage): boolean => handlers.generic?.({ kind, message }) ?? false;
  const ignored = (): void => undefined;
  return {
    request: {
      masterSlaveDetermination: (message) => determination.proposed(message),
      terminalCapabilitySet: (message) => procedures.capabilitySet(message),
      openLogicalChannel: (message) => incoming.requested(message),
      closeLogicalChannel: (message) => incoming.closed(message),
      requestChannelClose: (message) => outgoing.closeRequested(message),
      requestMode: (message) => modes.asked(message),
      roundTripDelayRequest: ({ sequenceNumber }) => procedures.send({ response: { roundTripDelayResponse: { sequenceNumber } } }),
      // Nothing is to be said to one who does not want the chair any more.
      conferenceRequest: (message) => 'cancelMakeMeChair' in message,
      genericRequest: generic('request'),
    },
    response: {
      masterSlaveDeterminationAck: (message) => determination.acknowledged(message),
      masterSlaveDeterminationReject: () => determination.rejected(),
      terminalCapabilitySetAck: (message) => exchange.acknowledged(message),
      terminalCapabilitySetReject: (message) => exchange.rejected(message),
      openLogicalChannelAck: (message) => outgoing.acknowledged(message),
      openLogicalChannelReject: (message) => outgoing.rejected(message),
      closeLogicalChannelAck: (message) => outgoing.closeAcknowledged(message),
      requestChannelCloseAck: (message) => incoming.closeAccepted(message),
      requestChannelCloseReject: ({ forwardLogicalChannelNumber }) => incoming.closeRefused(forwardLogicalChannelNumber, 'the peer refused to close it'),
      requestModeAck: (message) => modes.acknowledged(message),
      requestModeReject: (message) => modes.rejected(message),
      roundTripDelayResponse: (message) => roundTrip.answered(message),
      genericResponse: (message) => void generic('response')(message),
    },
    command: {
      sendTerminalCapabilitySet: () => { if (exchange.idle) procedures.sendCapabilitySet(); },
      flowControlCommand: ({ scope, restriction }) => {
        const channel = 'logicalChannelNumber' in scope ? outgoing.get(scope.logicalChannelNumber) : undefined;
        if (!handlers.flowControl || (!channel && !('wholeMultiplex' in scope))) return;
        procedures.send({ indication: { flowControlIndication: { scope, restriction } } });
        handlers.flowControl({ ...(channel && { channel }), ...('maximumBitRate' in restriction && { maximumBitRate: restriction.maximumBitRate }) });
      },
      endSessionCommand: () => procedures.ended(),
      miscellaneousCommand: ({ logicalChannelNumber, type, direction }) =>
        handlers.miscellaneousCommand?.({ number: logicalChannelNumber, channel: outgoing.get(logicalChannelNumber), type, direction }),
      maintenanceLoopOffCommand: ignored,
      communicationModeCommand: ({ communicationModeTable }) => (handlers.communicationMode ? handlers.communicationMode(communicationModeTable) : false),
      genericCommand: generic('command'),
    },
    indication: {
      masterSlaveDeterminationRelease: () => determination.released(),
      requestModeRelease: () => modes.released(),
      openLogicalChannelConfirm: (message) => incoming.confirmed(message),
      miscellaneousIndication: ({ logicalChannelNumber, type }) =>
        handlers.miscellaneousIndication?.({ number: logicalChannelNumber, channel: incoming.get(logicalChannelNumber), type }),
      userInput: (message) => {
        const input = readUserInput(message);
        if (input) handlers.userInput?.(input);
      },
      functionNotUnderstood: (message) => returned(procedures, message),
      functionNotSupported: ({ returnedFunction }) => returned(procedures, returnedFunction && readable(returnedFunction)),
      genericIndication: generic('indication'),
    },
  };
}

/** What the peer did not understand, or does not do, of what this side asked: whoever waits for its answer need not. */
function returned({ incoming, modes, outgoing, roundTrip }: Procedures, message: h245.MultimediaSystemControlMessage | undefined): void {
  if (!message || !('request' in message)) return;
  const { request } = message;
  if ('roundTripDelayRequest' in request) roundTrip.unsupported();
  else if ('requestMode' in request) modes.stop(new H245Error('h245-unsupported', 'mode request: the peer does not know it'));
  else if ('requestChannelClose' in request) incoming.closeRefused(request.requestChannelClose.forwardLogicalChannelNumber, 'the peer does not know the wish to close it');
  else if ('openLogicalChannel' in request) outgoing.rejected({ forwardLogicalChannelNumber: request.openLogicalChannel.forwardLogicalChannelNumber, cause: { unspecified: null } });
}

function readable(octets: Buffer): h245.MultimediaSystemControlMessage | undefined {
  try {
    return decode(h245.MultimediaSystemControlMessage, octets);
  } catch (error) {
    if (error instanceof PerError) return undefined;
    throw error;
  }
}
