import { MAX_DIVERSIONS, timesDiverted, type Diversion, type DiversionReason, type EarlierDiversions } from '../../calls';
import { encode } from '../per';
import { aliasText } from '../ras';
import { h450 } from '../schemas';
import { aliasesOf } from './identity';

const REASON_OF_H450: Record<string, DiversionReason> = { cfu: 'unconditional', cfb: 'user-busy', cfnr: 'no-answer', unknown: 'unknown' };
const H450_OF_REASON: Partial<Record<DiversionReason, h450.DiversionReason>> = { unconditional: 'cfu', 'user-busy': 'cfb', 'no-answer': 'cfnr' };

export const reasonOf = (reason: h450.DiversionReason): DiversionReason => REASON_OF_H450[reason] ?? 'unknown';
const h450Of = (reason: DiversionReason): h450.DiversionReason => H450_OF_REASON[reason] ?? 'unknown';

/** Of a Setup's divertingLegInformation2, which tells of the last diversion and of the first. */
export function diversionsOf({ diversionReason, diversionCounter, divertingNr, originalCalledNr, originalDiversionReason = 'unknown' }: h450.DivertingLegInformation2Arg): EarlierDiversions {
  const [by, original] = [divertingNr, originalCalledNr].map((party) => party?.destinationAddress.map(aliasText).find((text) => text !== undefined));
  const hasFirst = diversionCounter > 1 && original !== undefined;
  return [
    { ...(by !== undefined && { by }), reason: reasonOf(diversionReason), counter: hasFirst ? diversionCounter - 1 : diversionCounter },
    ...(hasFirst ? [{ by: original, reason: reasonOf(originalDiversionReason), counter: 1 }] : []),
  ];
}

/** For the Setup of a call that was diverted; undefined for another. Who does not know it passes over it (H.450.3 section 8). */
export function divertingLegInformation2(diversions: EarlierDiversions): h450.H4501SupplementaryService | undefined {
  const [last, first] = [diversions[0], diversions.at(-1)];
  return last && first && told('divertingLegInformation2', encode(h450.DivertingLegInformation2Arg, {
    diversionCounter: Math.min(MAX_DIVERSIONS, timesDiverted(diversions)), diversionReason: h450Of(last.reason),
    ...(first !== last && { originalDiversionReason: h450Of(first.reason) }),
    ...(last.by !== undefined && { divertingNr: { destinationAddress: aliasesOf(last.by) } }),
    // Who came first is not known where the first that is told of stands for several.
    ...(first.by !== undefined && first.counter === 1 && { originalCalledNr: { destinationAddress: aliasesOf(first.by) } }),
  }));
}

/** Tells a caller that its call goes elsewhere. */
export const divertingLegInformation1 = ({ to, reason }: Diversion): h450.H4501SupplementaryService => told('divertingLegInformation1', encode(h450.DivertingLegInformation1Arg, {
  diversionReason: h450Of(reason), subscriptionOption: 'notificationWithDivertedToNr', nominatedNr: { destinationAddress: aliasesOf(to) },
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
