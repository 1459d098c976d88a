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

/** Which procedure of a session takes which message of the peer's. One table for all sessions: a call has dozens of messages, and this knows more. */
export const ROUTES: Routes<Procedures> = {
  request: {
    masterSlaveDetermination: (message, { determination }) => determination.proposed(message),
    terminalCapabilitySet: (message, procedures) => procedures.capabilitySet(message),
    openLogicalChannel: (message, { incoming }) => incoming.requested(message),
    closeLogicalChannel: (message, { incoming }) => incoming.closed(message),
    requestChannelClose: (message, { outgoing }) => outgoing.closeRequested(message),
    requestMode: (message, { modes }) => modes.asked(message),
    roundTripDelayRequest: ({ sequenceNumber }, procedures) => procedures.send({ response: { roundTripDelayResponse: { sequenceNumber } } }),
    // Nothing is to be said to one who does not want the chair any more.
    conferenceRequest: (message) => 'cancelMakeMeChair' in message,
    genericRequest: generic('request'),
  },
  response: {
    masterSlaveDeterminationAck: (message, { determination }) => determination.acknowledged(message),
    masterSlaveDeterminationReject: (_message, { determination }) => determination.rejected(),
    terminalCapabilitySetAck: (message, { exchange }) => exchange.acknowledged(message),
    terminalCapabilitySetReject: (message, { exchange }) => exchange.rejected(message),
    openLogicalChannelAck: (message, { outgoing }) => outgoing.acknowledged(message),
    openLogicalChannelReject: (message, { outgoing }) => outgoing.rejected(message),
    closeLogicalChannelAck: (message, { outgoing }) => outgoing.closeAcknowledged(message),
    requestChannelCloseAck: (message, { incoming }) => incoming.closeAccepted(message),
    requestChannelCloseReject: ({ forwardLogicalChannelNumber }, { incoming }) => incoming.closeRefused(forwardLogicalChannelNumber, 'the peer refused to close it'),
    requestModeAck: (message, { modes }) => modes.acknowledged(message),
    requestModeReject: (message, { modes }) => modes.rejected(message),
    roundTripDelayResponse: (message, { roundTrip }) => roundTrip.answered(message),
    genericResponse: (message, procedures) => void generic('response')(message, procedures),
  },
  command: {
    sendTerminalCapabilitySet: (_message, procedures) => { if (procedures.exchange.idle) procedures.sendCapabilitySet(); },
    flowControlCommand: ({ scope, restriction }, { handlers, outgoing, send }) => {
      const channel = 'logicalChannelNumber' in scope ? outgoing.get(scope.logicalChannelNumber) : undefined;
      if (!handlers.flowControl || (!channel && !('wholeMultiplex' in scope))) return;
      send({ indication: { flowControlIndication: { scope, restriction } } });
      handlers.flowControl({ ...(channel && { channel }), ...('maximumBitRate' in restriction && { maximumBitRate: restriction.maximumBitRate }) });
    },
    endSessionCommand: (_message, procedures) => procedures.ended(),
    miscellaneousCommand: ({ logicalChannelNumber, type, direction }, { handlers, outgoing }) =>
      handlers.miscellaneousCommand?.({ number: logicalChannelNumber, channel: outgoing.get(logicalChannelNumber), type, direction }),
    maintenanceLoopOffCommand: () => undefined,
    communicationModeCommand: ({ communicationModeTable }, { handlers }) => (handlers.communicationMode ? handlers.communicationMode(communicationModeTable) : false),
    genericCommand: generic('command'),
  },
  indication: {
    masterSlaveDeterminationRelease: (_message, { determination }) => determination.released(),
    requestModeRelease: (_message, { modes }) => modes.released(),
    openLogicalChannelConfirm: (message, { incoming }) => incoming.confirmed(message),
    miscellaneousIndication: ({ logicalChannelNumber, type }, { handlers, incoming }) =>
      handlers.miscellaneousIndication?.({ number: logicalChannelNumber, channel: incoming.get(logicalChannelNumber), type }),
    userInput: (message, { handlers }) => {
      const input = readUserInput(message);
      if (input) handlers.userInput?.(input);
    },
    functionNotUnderstood: (message, procedures) => returned(procedures, message),
    functionNotSupported: ({ returnedFunction }, procedures) => returned(procedures, returnedFunction && readable(returnedFunction)),
    genericIndication: generic('indication'),
  },
};

function generic(kind: GenericMessage['kind']) {
  return (message: h245.GenericMessage, { handlers }: Procedures): boolean => handlers.generic?.({ kind, message }) ?? false;
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
