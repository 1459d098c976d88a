/** Addressing: what people dial, read by one grammar. */
export { fold, foldLetters } from './fold';
export { isLanguage } from './languages';
export { formatAddress, parseAddress } from './parse';
export { parseDeviceAddress, parseNumericAlias, parseServiceAddress, type ServiceAddress } from './strict';
export { isFault } from './types';
export type { AddressFault, DeviceName, FaultCode, NumericAlias, ParsedAddress, Scheme, ServiceName } from './types';
