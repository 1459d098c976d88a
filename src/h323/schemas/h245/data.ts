// H.245 (v15): data application capabilities.
import { BOOLEAN, choice, type Infer, integer, NULL, octetString, optional, sequence, UINT32_MAX } from '../../per';
import { DataProtocolCapability, GenericCapability, NonStandardParameter } from './values';

export const T84Profile = choice({
  t84Unrestricted: NULL,
  t84Restricted: sequence({
    qcif: BOOLEAN,
    cif: BOOLEAN,
    ccir601Seq: BOOLEAN,
    ccir601Prog: BOOLEAN,
    hdtvSeq: BOOLEAN,
    hdtvProg: BOOLEAN,
    g3FacsMH200x100: BOOLEAN,
    g3FacsMH200x200: BOOLEAN,
    g4FacsMMR200x100: BOOLEAN,
    g4FacsMMR200x200: BOOLEAN,
    jbig200x200Seq: BOOLEAN,
    jbig200x200Prog: BOOLEAN,
    jbig300x300Seq: BOOLEAN,
    jbig300x300Prog: BOOLEAN,
    digPhotoLow: BOOLEAN,
    digPhotoMedSeq: BOOLEAN,
    digPhotoMedProg: BOOLEAN,
    digPhotoHighSeq: BOOLEAN,
    digPhotoHighProg: BOOLEAN,
  }, {}),
});
export type T84Profile = Infer<typeof T84Profile>;

export const T38FaxRateManagement = choice({ localTCF: NULL, transferredTCF: NULL }, {});
export type T38FaxRateManagement = Infer<typeof T38FaxRateManagement>;

export const T38FaxUdpOptions = sequence({
  t38FaxMaxBuffer: optional(integer()),
  t38FaxMaxDatagram: optional(integer()),
  t38FaxUdpEC: choice({ t38UDPFEC: NULL, t38UDPRedundancy: NULL }, {}),
});
export type T38FaxUdpOptions = Infer<typeof T38FaxUdpOptions>;

export const T38FaxTcpOptions = sequence({ t38TCPBidirectionalMode: BOOLEAN }, {});
export type T38FaxTcpOptions = Infer<typeof T38FaxTcpOptions>;

export const T38FaxProfile = sequence({ fillBitRemoval: BOOLEAN, transcodingJBIG: BOOLEAN, transcodingMMR: BOOLEAN }, {
  version: integer(0, 255),
  t38FaxRateManagement: T38FaxRateManagement,
  t38FaxUdpOptions: optional(T38FaxUdpOptions),
  t38FaxTcpOptions: optional(T38FaxTcpOptions),
});
export type T38FaxProfile = Infer<typeof T38FaxProfile>;

export const DataApplicationCapability = sequence({
  application: choice({
    nonStandard: NonStandardParameter,
    t120: DataProtocolCapability,
    'dsm-cc': DataProtocolCapability,
    userData: DataProtocolCapability,
    t84: sequence({ t84Protocol: DataProtocolCapability, t84Profile: T84Profile }),
    t434: DataProtocolCapability,
    h224: DataProtocolCapability,
    nlpid: sequence({ nlpidProtocol: DataProtocolCapability, nlpidData: octetString() }),
    dsvdControl: NULL,
    h222DataPartitioning: DataProtocolCapability,
  }, {
    t30fax: DataProtocolCapability,
    t140: DataProtocolCapability,
    t38fax: sequence({ t38FaxProtocol: DataProtocolCapability, t38FaxProfile: T38FaxProfile }),
    genericDataCapability: GenericCapability,
  }),
  maxBitRate: integer(0, UINT32_MAX),
}, {});
export type DataApplicationCapability = Infer<typeof DataApplicationCapability>;
