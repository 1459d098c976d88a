/** Supplementary services of a call (H.450.1): transfer, diversion and hold as operations that the two sides invoke. */
export { SupplementaryServices, type ArgumentOf, type OperationHandlers, type OperationName, type ResultOf, type ServicesOptions } from './services';
export { H450Error, type H450ErrorCode, type ServiceErrorName } from './errors';
