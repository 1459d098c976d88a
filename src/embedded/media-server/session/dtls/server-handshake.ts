import { randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import { DTLS_SRTP_PROFILES, type SrtpProfile } from '../srtp/profiles';
import type { DtlsAssociation } from './association';
import { newKeyShare } from './ecdhe';
import { ALERT, DtlsFault } from './fault';
import {
  DTLS_1_2, ecdheParameters, ECDHE_ECDSA_AES_128_GCM, HANDSHAKE, parseCertificate, parseCertificateVerify, parseClientHello, parseClientKeyExchange,
  SECP256R1, writeCertificate, writeCertificateRequest, writeHelloVerifyRequest, writeServerHello, writeServerKeyExchange, type ClientHello,
} from './messages';
import type { HandshakeMessage } from './reassembly';
import { isSignedBy, signEcdsa } from './signature';

/** The server's side of the handshake; the client must show its certificate and prove that it holds the key (RFC 5763 section 5). */
export class ServerHandshake {
  private readonly random = randomBytes(32);
  private readonly cookie = randomBytes(20);
  private readonly key = newKeyShare();
  private hello: ClientHello | undefined;
  private profile: SrtpProfile | undefined;
  private clientKey: KeyObject | undefined;
  private keysDerived = false;
  private verified = false;

  constructor(private readonly association: DtlsAssociation) {}

  start(): void {
    // The client begins.
  }

  receive(message: HandshakeMessage): void {
    const { association } = this;
    switch (message.type) {
      case HANDSHAKE.clientHello:
        if (this.hello !== undefined) break;
        this.receiveHello(parseClientHello(message.body), message);
        return;
      case HANDSHAKE.certificate:
        if (this.hello === undefined || this.clientKey !== undefined) break;
        this.clientKey = association.checkCertificate(parseCertificate(message.body));
        association.remember(message);
        return;
      case HANDSHAKE.clientKeyExchange:
        if (this.clientKey === undefined || this.keysDerived) break;
        association.remember(message);
        association.deriveKeys(this.key.secret(parseClientKeyExchange(message.body)), this.hello!.random, this.random, this.hello!.extendedMasterSecret);
        this.keysDerived = true;
        return;
      case HANDSHAKE.certificateVerify:
        if (!this.keysDerived || this.verified) break;
        if (!isSignedBy(this.clientKey!, association.transcriptBytes, parseCertificateVerify(message.body))) {
          throw new DtlsFault(ALERT.decryptError, 'the DTLS client does not hold the key of its certificate');
        }
        association.remember(message);
        this.verified = true;
        return;
      case HANDSHAKE.finished:
        if (!this.verified) break;
        association.checkFinished(message.body);
        association.remember(message);
        this.finish();
        return;
    }
    throw new DtlsFault(ALERT.unexpectedMessage, `DTLS handshake message ${message.type} does not belong here`);
  }

  private receiveHello(hello: ClientHello, message: HandshakeMessage): void {
    const { association } = this;
    const { addressProven, certificate } = association.options;
    if (!addressProven && (hello.cookie.length !== this.cookie.length || !timingSafeEqual(hello.cookie, this.cookie))) {
      // A short answer to an unproven address; the real handshake costs the sender a round trip first (RFC 6347 section 4.2.1).
      association.beginFlight();
      association.addMessage(HANDSHAKE.helloVerifyRequest, writeHelloVerifyRequest(this.cookie), false);
      association.endFlight(true);
      return;
    }
    this.profile = DTLS_SRTP_PROFILES.find(({ dtlsId }) => hello.srtpProfiles?.includes(dtlsId));
    const usable = hello.version === DTLS_1_2 && hello.cipherSuites.includes(ECDHE_ECDSA_AES_128_GCM)
      && (hello.groups.length === 0 || hello.groups.includes(SECP256R1)) && this.profile !== undefined;
    if (!usable) throw new DtlsFault(ALERT.handshakeFailure, 'the DTLS client offers no DTLS 1.2 with ECDHE-ECDSA-AES128-GCM, P-256 and use_srtp');
    this.hello = hello;
    association.remember(message);
    const parameters = ecdheParameters(this.key.point);
    association.beginFlight();
    association.addMessage(HANDSHAKE.serverHello, writeServerHello(this.random, this.profile!.dtlsId, hello));
    association.addMessage(HANDSHAKE.certificate, writeCertificate(certificate.der));
    association.addMessage(HANDSHAKE.serverKeyExchange,
      writeServerKeyExchange(parameters, signEcdsa(certificate.key, Buffer.concat([hello.random, this.random, parameters]))));
    association.addMessage(HANDSHAKE.certificateRequest, writeCertificateRequest());
    association.addMessage(HANDSHAKE.serverHelloDone, Buffer.alloc(0));
    association.endFlight();
  }

  private finish(): void {
    const { association } = this;
    association.beginFlight();
    association.addChangeCipherSpec();
    association.addMessage(HANDSHAKE.finished, association.verifyData('server'));
    association.endFlight(true);
    association.complete(this.profile!);
  }
}
