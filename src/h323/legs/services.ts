import { H450Error, SupplementaryServices, type OperationHandlers } from '../h450';
import { systemClock } from '../clock';
import type { SignallingCall } from '../signalling';

const notAvailable = (): never => {
  throw new H450Error('h450-error', 'calls are not transferred or diverted on the word of a party', 'notAvailable');
};

/** Hold needs no answer: what it means for the media H.245 tells. Transfer and diversion are refused with the error that says so. */
const HANDLERS: OperationHandlers = {
  holdNotific: () => undefined, retrieveNotific: () => undefined,
  callTransferIdentify: notAvailable, callTransferInitiate: notAvailable, callTransferSetup: notAvailable, callRerouting: notAvailable,
};

/**
 * The supplementary services (H.450) of a leg.
 * @param clear the peer wants the call ended, because it needs a service that is not known here
 */
export const supplementaryServices = (call: SignallingCall, clear: () => void): SupplementaryServices =>
  new SupplementaryServices({ send: (service) => call.sendServices([service]), handlers: HANDLERS, clear, clock: systemClock });
