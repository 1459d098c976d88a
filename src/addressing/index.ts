/** Addressing: what people dial, read by one grammar, and the dial plan that changes and searches it. */
export { fitsSource, type DialPlan, type DialSource, type RuleTarget, type SearchRule, type Transform } from './dial-plan';
export { DialPlanError, loadDialPlan, parseDialPlan, type DialPlanText } from './dial-plan-file';
export type { Pattern } from './dial-plan-pattern';
export type { DialPlanFault } from './dial-plan-reader';
export type { DialPlanOptions } from './dial-plan-schema';
export { fold, foldLetters } from './fold';
export { isLanguage } from './languages';
export { formatAddress, parseAddress } from './parse';
export { parseDeviceAddress, parseNumericAlias, parseServiceAddress, type ServiceAddress } from './strict';
export { isFault } from './types';
export type { AddressFault, DeviceName, FaultCode, NumericAlias, ParsedAddress, Scheme, ServiceName } from './types';
