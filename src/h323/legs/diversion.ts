import { MAX_DIVERSIONS, type Diversion, type EarlierDiversion } from '../../calls';
import { encode } from '../per';
import { aliasText } from '../ras';
import { h450 } from '../schemas';
import { aliasesOf } from './identity';

const REASON_OF_H450: Record<string, Diversion['reason']> = { cfu: 'unconditional', cfb: 'user-busy', cfnr: 'no-answer' };
const REASONS = { unconditional: 'cfu', 'user-busy': 'cfb', 'no-answer': 'cfnr', unknown: 'unknown' } as const satisfies Record<Diversion['reason'], h450.DiversionReason>;

export const reasonOf = (reason: h450.DiversionReason): Diversion['reason'] => REASON_OF_H450[reason] ?? 'unknown';

/** Of a Setup's divertingLegInformation2. */
export function diversionOf({ diversionReason, diversionCounter, divertingNr }: h450.DivertingLegInformation2Arg): EarlierDiversion | undefined {
  const by = divertingNr?.destinationAddress.map(aliasText).find((text) => text !== undefined);
  return by === undefined ? undefined : { by, reason: reasonOf(diversionReason), counter: diversionCounter };
}

/** For the Setup of a call that was diverted. Who does not know it passes over it (H.450.3 section 8). */
export function divertingLegInformation2({ by, reason, counter }: EarlierDiversion, originalCalled: string): h450.H4501SupplementaryService {
  return told('divertingLegInformation2', encode(h450.DivertingLegInformation2Arg, {
    diversionCounter: Math.min(MAX_DIVERSIONS, counter), diversionReason: REASONS[reason], divertingNr: { destinationAddress: aliasesOf(by) },
    originalCalledNr: { destinationAddress: aliasesOf(originalCalled) },
  }));
}

/** Tells a caller that its call goes elsewhere. */
export const divertingLegInformation1 = ({ to, reason }: Diversion): h450.H4501SupplementaryService => told('divertingLegInformation1', encode(h450.DivertingLegInformation1Arg, {
  diversionReason: REASONS[reason], subscriptionOption: 'notificationWithDivertedToNr', nominatedNr: { destinationAddress: aliasesOf(to) },
}));

/** Tells it, when somebody has answered there, that it may know who. */
export const divertingLegInformation3 = (redirectedTo: string): h450.H4501SupplementaryService => told('divertingLegInformation3', encode(h450.DivertingLegInformation3Arg, {
  presentationAllowedIndicator: true, redirectionNr: { destinationAddress: aliasesOf(redirectedTo) },
}));

/** Operations without an answer have identifiers of their own that nobody refers to. */
const told = (name: h450.OperationName, argument: Buffer): h450.H4501SupplementaryService => ({
  interpretationApdu: { discardAnyUnrecognizedInvokePdu: null },
  serviceApdu: { rosApdus: [{ invoke: { invokeId: 0, opcode: { local: h450.OPERATIONS[name].code }, argument } }] },
});
