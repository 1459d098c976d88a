// H.225.0 (v7): alternate endpoints and gatekeepers.
import { BOOLEAN, choice, type Infer, integer, NULL, optional, sequence, sequenceOf } from '../../per';
import { ClearToken } from '../h235';
import { AliasAddress, NonStandardParameter, TransportAddress } from './addresses';
import { CircuitInfo } from './capacity';
import { EndpointType } from './endpoint-type';
import { FeatureSet } from './generic-data';
import { GatekeeperIdentifier } from './identifiers';
import { CryptoH323Token } from './security';

export const AlternateTransportAddresses = sequence({ annexE: optional(sequenceOf(TransportAddress)) }, { sctp: optional(sequenceOf(TransportAddress)) });
export type AlternateTransportAddresses = Infer<typeof AlternateTransportAddresses>;

export const Endpoint = sequence({
  nonStandardData: optional(NonStandardParameter),
  aliasAddress: optional(sequenceOf(AliasAddress)),
  callSignalAddress: optional(sequenceOf(TransportAddress)),
  rasAddress: optional(sequenceOf(TransportAddress)),
  endpointType: optional(EndpointType),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  priority: optional(integer(0, 127)),
  remoteExtensionAddress: optional(sequenceOf(AliasAddress)),
  destExtraCallInfo: optional(sequenceOf(AliasAddress)),
}, {
  alternateTransportAddresses: optional(AlternateTransportAddresses),
  circuitInfo: optional(CircuitInfo),
  featureSet: optional(FeatureSet),
});
export type Endpoint = Infer<typeof Endpoint>;

export const UseSpecifiedTransport = choice({ tcp: NULL, annexE: NULL }, { sctp: NULL });
export type UseSpecifiedTransport = Infer<typeof UseSpecifiedTransport>;

export const AlternateGK = sequence({
  rasAddress: TransportAddress,
  gatekeeperIdentifier: optional(GatekeeperIdentifier),
  needToRegister: BOOLEAN,
  priority: integer(0, 127),
}, {});
export type AlternateGK = Infer<typeof AlternateGK>;

export const AltGKInfo = sequence({ alternateGatekeeper: sequenceOf(AlternateGK), altGKisPermanent: BOOLEAN }, {});
export type AltGKInfo = Infer<typeof AltGKInfo>;

export const RehomingModel = choice({ gatekeeperBased: NULL, endpointBased: NULL });
export type RehomingModel = Infer<typeof RehomingModel>;
