/** The gatekeeper as a part of the gateway: what ties it to directory, routing and database. */
export { combineLocators, H323Locator, type H323Contact } from './locator';
export { CallBandwidth } from './call-bandwidth';
export { H323Error } from './errors';
export { H323Front, type H323FrontOptions, type H323RegistrationInfo, type H323Status, type NeighbourInfo } from './front';
export { DevicePasswords, secretsKey } from './passwords';
export type { Finding } from './findings';
export type { H323Settings } from './settings';
export { openH323Store, type H323Store } from './store';
