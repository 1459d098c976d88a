import { H450Error, SupplementaryServices, type OperationHandlers } from '../h450';
import { systemClock } from '../clock';
import type { SignallingCall } from '../signalling';

const notAvailable = (): never => {
  throw new H450Error('h450-error', 'this service is not available here', 'notAvailable');
};

/**
 * Hold needs no answer: what it means for the media H.245 tells. What is not done is refused with the error that says so: where calls go
 * that nobody answers is the directory's affair, not set from a device.
 */
const HANDLERS: OperationHandlers = {
  holdNotific: () => undefined, retrieveNotific: () => undefined,
  callTransferSetup: notAvailable, callRerouting: notAvailable,
  activateDiversionQ: notAvailable, deactivateDiversionQ: notAvailable, interrogateDiversionQ: notAvailable, checkRestriction: notAvailable,
};

/**
 * The supplementary services (H.450) of a leg.
 * @param handlers what the leg does, beside and before what all do
 * @param clear the peer wants the call ended, because it needs a service that is not known here
 */
export const supplementaryServices = (call: SignallingCall, handlers: OperationHandlers, clear: () => void): SupplementaryServices =>
  new SupplementaryServices({ send: (service) => call.sendServices([service]), handlers: { ...HANDLERS, ...handlers }, clear, clock: systemClock });
