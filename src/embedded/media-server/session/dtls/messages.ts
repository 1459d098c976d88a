import { Reader, uint, vector } from './reader';

export const HANDSHAKE = {
  clientHello: 1, serverHello: 2, helloVerifyRequest: 3, certificate: 11, serverKeyExchange: 12, certificateRequest: 13,
  serverHelloDone: 14, certificateVerify: 15, clientKeyExchange: 16, finished: 20,
} as const;

export const DTLS_1_2 = 0xfefd;
export const ECDHE_ECDSA_AES_128_GCM = 0xc02b;
export const ECDHE_RSA_AES_128_GCM = 0xc02f;
export const RENEGOTIATION_SCSV = 0x00ff;
export const SECP256R1 = 23;

const EXTENSION = { supportedGroups: 10, pointFormats: 11, signatureAlgorithms: 13, useSrtp: 14, extendedMasterSecret: 23, renegotiationInfo: 0xff01 } as const;

/** What we verify: ECDSA and RSA, PKCS#1 and PSS, with SHA-256 and longer (RFC 5246 section 7.4.1.4.1, RFC 8446 section 4.2.3). */
export const SIGNATURE_ALGORITHMS: readonly number[] = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];

interface HelloExtensions {
  groups: number[];
  signatureAlgorithms: number[];
  /** Numbers of SRTP protection profiles; undefined where use_srtp is missing. */
  srtpProfiles: number[] | undefined;
  extendedMasterSecret: boolean;
  renegotiationInfo: boolean;
}

export interface ClientHello extends HelloExtensions {
  version: number;
  random: Buffer;
  cookie: Buffer;
  cipherSuites: number[];
}

export interface ServerHello extends HelloExtensions {
  version: number;
  random: Buffer;
  cipherSuite: number;
}

export function parseClientHello(body: Buffer): ClientHello {
  const reader = new Reader(body);
  const version = reader.uint(2);
  const random = reader.take(32);
  reader.vector(1); // Session ID: sessions are not resumed.
  const cookie = reader.vector(1);
  const cipherSuites = reader.numbers();
  reader.vector(1); // Compression: never.
  const extensions = parseExtensions(reader);
  return { version, random, cookie, cipherSuites, ...extensions, renegotiationInfo: extensions.renegotiationInfo || cipherSuites.includes(RENEGOTIATION_SCSV) };
}

export function parseServerHello(body: Buffer): ServerHello {
  const reader = new Reader(body);
  const version = reader.uint(2);
  const random = reader.take(32);
  reader.vector(1);
  const cipherSuite = reader.uint(2);
  reader.uint(1);
  return { version, random, cipherSuite, ...parseExtensions(reader) };
}

function parseExtensions(reader: Reader): HelloExtensions {
  const found: HelloExtensions = { groups: [], signatureAlgorithms: [], srtpProfiles: undefined, extendedMasterSecret: false, renegotiationInfo: false };
  const extensions = new Reader(reader.isAtEnd ? Buffer.alloc(0) : reader.vector(2));
  while (!extensions.isAtEnd) {
    const type = extensions.uint(2);
    const data = new Reader(extensions.vector(2));
    if (type === EXTENSION.supportedGroups) found.groups = data.numbers();
    if (type === EXTENSION.signatureAlgorithms) found.signatureAlgorithms = data.numbers();
    if (type === EXTENSION.useSrtp) found.srtpProfiles = data.numbers();
    if (type === EXTENSION.extendedMasterSecret) found.extendedMasterSecret = true;
    if (type === EXTENSION.renegotiationInfo) found.renegotiationInfo = true;
  }
  return found;
}

const extension = (type: number, ...parts: readonly Buffer[]): Buffer => Buffer.concat([uint(type, 2), vector(2, ...parts)]);
const numbers = (values: readonly number[]): Buffer => vector(2, ...values.map((value) => uint(value, 2)));
/** Profiles, and no MKI (RFC 5764 section 4.1.1). */
const useSrtp = (profiles: readonly number[]): Buffer => extension(EXTENSION.useSrtp, numbers(profiles), vector(1));

export function writeClientHello(random: Buffer, cookie: Buffer, srtpProfiles: readonly number[]): Buffer {
  return Buffer.concat([
    uint(DTLS_1_2, 2), random, vector(1), vector(1, cookie),
    numbers([ECDHE_ECDSA_AES_128_GCM, ECDHE_RSA_AES_128_GCM]),
    vector(1, uint(0, 1)),
    vector(2,
      extension(EXTENSION.supportedGroups, numbers([SECP256R1])),
      extension(EXTENSION.pointFormats, vector(1, uint(0, 1))),
      extension(EXTENSION.signatureAlgorithms, numbers(SIGNATURE_ALGORITHMS)),
      useSrtp(srtpProfiles),
      extension(EXTENSION.extendedMasterSecret),
      extension(EXTENSION.renegotiationInfo, vector(1))),
  ]);
}

export function writeServerHello(random: Buffer, srtpProfile: number, client: ClientHello): Buffer {
  return Buffer.concat([
    uint(DTLS_1_2, 2), random, vector(1), uint(ECDHE_ECDSA_AES_128_GCM, 2), uint(0, 1),
    vector(2,
      extension(EXTENSION.pointFormats, vector(1, uint(0, 1))),
      useSrtp([srtpProfile]),
      ...(client.extendedMasterSecret ? [extension(EXTENSION.extendedMasterSecret)] : []),
      ...(client.renegotiationInfo ? [extension(EXTENSION.renegotiationInfo, vector(1))] : [])),
  ]);
}

export const writeHelloVerifyRequest = (cookie: Buffer): Buffer => Buffer.concat([uint(0xfeff, 2), vector(1, cookie)]);

export function parseHelloVerifyRequest(body: Buffer): Buffer {
  const reader = new Reader(body);
  reader.uint(2);
  return reader.vector(1);
}

export const writeCertificate = (der: Buffer): Buffer => vector(3, vector(3, der));

/** The end certificate, DER. */
export function parseCertificate(body: Buffer): Buffer {
  return new Reader(new Reader(body).vector(3)).vector(3);
}

export const ecdheParameters = (point: Buffer): Buffer => Buffer.concat([uint(3, 1), uint(SECP256R1, 2), vector(1, point)]);

export interface Signed {
  algorithm: number;
  signature: Buffer;
}

const writeSigned = ({ algorithm, signature }: Signed): Buffer => Buffer.concat([uint(algorithm, 2), vector(2, signature)]);

export const writeServerKeyExchange = (parameters: Buffer, signed: Signed): Buffer => Buffer.concat([parameters, writeSigned(signed)]);

export function parseServerKeyExchange(body: Buffer): { parameters: Buffer; curve: number; point: Buffer } & Signed {
  const reader = new Reader(body);
  const [curveType, curve] = [reader.uint(1), reader.uint(2)];
  const point = reader.vector(1);
  return { parameters: body.subarray(0, 4 + point.length), curve: curveType === 3 ? curve : 0, point, algorithm: reader.uint(2), signature: reader.vector(2) };
}

/** ECDSA and RSA certificates of any authority. */
export const writeCertificateRequest = (): Buffer =>
  Buffer.concat([vector(1, uint(64, 1), uint(1, 1)), numbers(SIGNATURE_ALGORITHMS), vector(2)]);

export const writeClientKeyExchange = (point: Buffer): Buffer => vector(1, point);
export const parseClientKeyExchange = (body: Buffer): Buffer => new Reader(body).vector(1);

export const writeCertificateVerify = writeSigned;

export function parseCertificateVerify(body: Buffer): Signed {
  const reader = new Reader(body);
  return { algorithm: reader.uint(2), signature: reader.vector(2) };
}
