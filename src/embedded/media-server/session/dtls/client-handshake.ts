import { randomBytes, type KeyObject } from 'node:crypto';
import { DTLS_SRTP_PROFILES, type SrtpProfile } from '../srtp/profiles';
import type { DtlsAssociation } from './association';
import { newKeyShare } from './ecdhe';
import { ALERT, DtlsFault } from './fault';
import {
  DTLS_1_2, ECDHE_ECDSA_AES_128_GCM, ECDHE_RSA_AES_128_GCM, HANDSHAKE, parseCertificate, parseHelloVerifyRequest, parseServerHello,
  parseServerKeyExchange, SECP256R1, writeCertificate, writeCertificateVerify, writeClientHello, writeClientKeyExchange, type ServerHello,
} from './messages';
import type { HandshakeMessage } from './reassembly';
import { isSignedBy, signEcdsa } from './signature';

/** The client's side of the handshake (RFC 5246 section 7.3, RFC 6347 section 4.2); messages come in order and once. */
export class ClientHandshake {
  private readonly random = randomBytes(32);
  private hello: ServerHello | undefined;
  private profile: SrtpProfile | undefined;
  private serverKey: KeyObject | undefined;
  private serverPoint: Buffer | undefined;
  private certificateRequested = false;
  private verified = false;
  private cookieUsed = false;

  constructor(private readonly association: DtlsAssociation) {}

  start(): void {
    this.sendHello(Buffer.alloc(0));
  }

  receive(message: HandshakeMessage): void {
    const { association } = this;
    switch (message.type) {
      case HANDSHAKE.helloVerifyRequest:
        if (this.hello !== undefined || this.cookieUsed) break;
        this.cookieUsed = true;
        association.restartTranscript();
        this.sendHello(parseHelloVerifyRequest(message.body));
        return;
      case HANDSHAKE.serverHello:
        if (this.hello !== undefined) break;
        this.receiveHello(parseServerHello(message.body));
        association.remember(message);
        return;
      case HANDSHAKE.certificate:
        if (this.hello === undefined || this.serverKey !== undefined) break;
        this.serverKey = association.checkCertificate(parseCertificate(message.body));
        association.remember(message);
        return;
      case HANDSHAKE.serverKeyExchange:
        this.receiveKeyExchange(message.body);
        association.remember(message);
        return;
      case HANDSHAKE.certificateRequest:
        if (this.serverPoint === undefined) break;
        this.certificateRequested = true;
        association.remember(message);
        return;
      case HANDSHAKE.serverHelloDone:
        if (this.serverPoint === undefined || this.verified) break;
        association.remember(message);
        this.sendKeys(this.serverPoint, this.hello!);
        return;
      case HANDSHAKE.finished:
        if (!this.verified) break;
        association.checkFinished(message.body);
        association.complete(this.profile!);
        return;
    }
    throw new DtlsFault(ALERT.unexpectedMessage, `DTLS handshake message ${message.type} does not belong here`);
  }

  private sendHello(cookie: Buffer): void {
    this.association.beginFlight();
    this.association.addMessage(HANDSHAKE.clientHello, writeClientHello(this.random, cookie, DTLS_SRTP_PROFILES.map(({ dtlsId }) => dtlsId)));
    this.association.endFlight();
  }

  private receiveHello(hello: ServerHello): void {
    const suiteFits = hello.cipherSuite === ECDHE_ECDSA_AES_128_GCM || hello.cipherSuite === ECDHE_RSA_AES_128_GCM;
    this.profile = DTLS_SRTP_PROFILES.find(({ dtlsId }) => hello.srtpProfiles?.length === 1 && hello.srtpProfiles[0] === dtlsId);
    if (hello.version !== DTLS_1_2 || !suiteFits || this.profile === undefined) {
      throw new DtlsFault(ALERT.handshakeFailure, 'the DTLS server chose a version, a cipher suite or an SRTP profile that was not offered');
    }
    this.hello = hello;
  }

  /** The key exchange must be signed by the certificate's key, or anybody could show that certificate. */
  private receiveKeyExchange(body: Buffer): void {
    const { parameters, curve, point, ...signed } = parseServerKeyExchange(body);
    if (this.serverKey === undefined || this.serverPoint !== undefined || curve !== SECP256R1) {
      throw new DtlsFault(ALERT.handshakeFailure, 'the DTLS server\'s key exchange cannot be used');
    }
    if (!isSignedBy(this.serverKey, Buffer.concat([this.random, this.hello!.random, parameters]), signed)) {
      throw new DtlsFault(ALERT.decryptError, 'the DTLS server\'s key exchange is not signed by its certificate');
    }
    this.serverPoint = point;
  }

  private sendKeys(serverPoint: Buffer, hello: ServerHello): void {
    const { association } = this;
    const { certificate } = association.options;
    const { point, secret } = newKeyShare();
    association.beginFlight();
    if (this.certificateRequested) association.addMessage(HANDSHAKE.certificate, writeCertificate(certificate.der));
    association.addMessage(HANDSHAKE.clientKeyExchange, writeClientKeyExchange(point));
    association.deriveKeys(secret(serverPoint), this.random, hello.random, hello.extendedMasterSecret);
    if (this.certificateRequested) {
      association.addMessage(HANDSHAKE.certificateVerify, writeCertificateVerify(signEcdsa(certificate.key, association.transcriptBytes)));
    }
    association.addChangeCipherSpec();
    association.addMessage(HANDSHAKE.finished, association.verifyData('client'));
    association.endFlight();
    this.verified = true;
  }
}
