import { createHash, timingSafeEqual, X509Certificate, type KeyObject } from 'node:crypto';
import type { SessionClock } from '../clock';
import type { Fingerprint } from '../sdp/description';
import type { SrtpProfile } from '../srtp/profiles';
import type { MasterKey } from '../srtp/session-keys';
import type { DtlsCertificate } from './certificate';
import { ClientHandshake } from './client-handshake';
import { ALERT, DtlsFault } from './fault';
import { HANDSHAKE } from './messages';
import { prf, sha256 } from './prf';
import { Reassembly, writeHandshake, type HandshakeMessage } from './reassembly';
import { CONTENT, RecordLayer } from './record';
import { ServerHandshake } from './server-handshake';

export type DtlsRole = 'client' | 'server';

export interface DtlsOptions {
  role: DtlsRole;
  certificate: DtlsCertificate;
  /** What the other side's certificate must hash to. */
  fingerprint: Fingerprint;
  clock: SessionClock;
  /** The other side's address is proven already (by ICE), so a server need not ask for a cookie. */
  addressProven: boolean;
  send(datagram: Buffer): void;
  onConnected(keys: { local: MasterKey; remote: MasterKey }): void;
  onFailed(reason: string): void;
  /** The other side said goodbye. */
  onClosed(): void;
}

const FATAL = 2;
const FIRST_RETRANSMIT_MS = 250;
/** Short, for the other side may begin only when a telephone that rings is picked up; then nobody likes to wait. */
const MAX_RETRANSMIT_MS = 1_000;
/** As long as a telephone may ring, until the other side says something; then as long as a handshake may take. */
const PATIENCE_MS = 180_000;
const GIVE_UP_MS = 20_000;
/** A repeated flight of the other side brings ours again, this often at most. */
const REPEAT_MS = 100;
const MAX_REPEATS = 40;

/**
 * One DTLS 1.2 association for SRTP keys (RFC 6347, RFC 5764): ECDHE with AES-128-GCM, both roles, extended master secret,
 * certificates known by their fingerprints. Unlike the DTLS libraries for this platform it verifies the signatures of
 * the key exchange and of CertificateVerify and the Finished messages, without which a fingerprint proves nothing.
 */
export class DtlsAssociation {
  connected = false;
  /** Failed, or ended by either side. */
  closed = false;
  private readonly records = new RecordLayer();
  private readonly reassembly = new Reassembly();
  private readonly handshake: ClientHandshake | ServerHandshake;
  private transcript: Buffer[] = [];
  private sendSequence = 0;
  private sendEpoch: 0 | 1 = 0;
  private flight: { type: number; epoch: 0 | 1; payload: Buffer }[] = [];
  private repeats = 0;
  private sentAt = -Infinity;
  private cancelRetransmit: (() => void) | undefined;
  private cancelGiveUp: (() => void) | undefined;
  private heard = false;
  private masterSecret: Buffer = Buffer.alloc(0);
  private exporterSeed: Buffer = Buffer.alloc(0);

  constructor(readonly options: DtlsOptions) {
    this.handshake = options.role === 'client' ? new ClientHandshake(this) : new ServerHandshake(this);
  }

  /** Sends the first flight of a client; a server waits. */
  start(): void {
    this.giveUpAfter(PATIENCE_MS);
    this.handshake.start();
  }

  /** Takes a datagram that came from the party's address. */
  receive(datagram: Buffer): void {
    if (this.closed) return;
    try {
      for (const record of this.records.read(datagram)) this.receiveRecord(record.type, record.epoch, record.payload);
    } catch (error) {
      if (this.connected) return; // Whatever it is, it changes no keys.
      const fault = error instanceof DtlsFault ? error : new DtlsFault(ALERT.decodeError, 'a DTLS message is malformed');
      this.sendAlert(FATAL, fault.alert);
      this.fail(fault.message);
    }
  }

  /** Says goodbye and stops all timers. */
  close(): void {
    if (this.connected && !this.closed) this.sendAlert(1, ALERT.closeNotify);
    this.closed = true;
    this.stopTimers();
  }

  /** Begins a flight; messages enter the transcript as they are added. */
  beginFlight(): void {
    this.flight = [];
  }

  addMessage(type: number, body: Buffer, inTranscript = true): void {
    const payload = writeHandshake({ type, sequence: this.sendSequence++, body });
    if (inTranscript) this.transcript.push(payload);
    this.flight.push({ type: CONTENT.handshake, epoch: this.sendEpoch, payload });
  }

  addChangeCipherSpec(): void {
    this.flight.push({ type: CONTENT.changeCipherSpec, epoch: 0, payload: Buffer.of(1) });
    this.sendEpoch = 1;
  }

  /** Sends the flight, again and again until the other side's next one comes; once only where none will. */
  endFlight(isLast = false): void {
    this.cancelRetransmit?.();
    this.transmit();
    if (!isLast) this.retransmitAfter(FIRST_RETRANSMIT_MS);
  }

  /** Forgets what was said before HelloVerifyRequest was answered (RFC 6347 section 4.2.1). */
  restartTranscript(): void {
    this.transcript = [];
  }

  /** All messages so far, which CertificateVerify signs. */
  get transcriptBytes(): Buffer {
    return Buffer.concat(this.transcript);
  }

  /** Master secret and record keys from the shared secret (RFC 5246 section 8.1, RFC 7627 section 4, RFC 5288). */
  deriveKeys(premaster: Buffer, clientRandom: Buffer, serverRandom: Buffer, extended: boolean): void {
    this.exporterSeed = Buffer.concat([clientRandom, serverRandom]);
    this.masterSecret = extended ? prf(premaster, 'extended master secret', sha256(...this.transcript), 48)
      : prf(premaster, 'master secret', this.exporterSeed, 48);
    const block = prf(this.masterSecret, 'key expansion', Buffer.concat([serverRandom, clientRandom]), 40);
    const client = { key: block.subarray(0, 16), iv: block.subarray(32, 36) };
    const server = { key: block.subarray(16, 32), iv: block.subarray(36, 40) };
    this.records.setKeys(...(this.options.role === 'client' ? [client, server] as const : [server, client] as const));
  }

  verifyData(role: DtlsRole): Buffer {
    return prf(this.masterSecret, `${role} finished`, sha256(...this.transcript), 12);
  }

  /** Checks the other side's Finished; its own bytes enter the transcript afterwards. */
  checkFinished(body: Buffer): void {
    const expected = this.verifyData(this.options.role === 'client' ? 'server' : 'client');
    if (body.length !== expected.length || !timingSafeEqual(body, expected)) {
      throw new DtlsFault(ALERT.decryptError, 'the Finished message of the other side does not fit the handshake');
    }
  }

  /** The public key of a certificate with the signalled fingerprint; throws DtlsFault for any other. */
  checkCertificate(der: Buffer): KeyObject {
    const { fingerprint } = this.options;
    const digest = createHash(fingerprint.hash).update(der).digest();
    if (!timingSafeEqual(digest, fingerprint.value)) {
      throw new DtlsFault(ALERT.badCertificate, 'the certificate does not have the fingerprint of the session description');
    }
    return new X509Certificate(der).publicKey;
  }

  /** Exports SRTP keys (RFC 5764 section 4.2) and tells that the association stands. */
  complete(profile: SrtpProfile): void {
    this.connected = true;
    this.stopTimers();
    const { keyLength, saltLength } = profile;
    const material = this.exportKeyingMaterial('EXTRACTOR-dtls_srtp', 2 * (keyLength + saltLength));
    const key = (at: number): Buffer => material.subarray(at * keyLength, (at + 1) * keyLength);
    const salt = (at: number): Buffer => material.subarray(2 * keyLength + at * saltLength, 2 * keyLength + (at + 1) * saltLength);
    const client: MasterKey = { profile, masterKey: key(0), masterSalt: salt(0) };
    const server: MasterKey = { profile, masterKey: key(1), masterSalt: salt(1) };
    this.options.onConnected(this.options.role === 'client' ? { local: client, remote: server } : { local: server, remote: client });
  }

  /** RFC 5705 without a context. */
  exportKeyingMaterial(label: string, length: number): Buffer {
    return prf(this.masterSecret, label, this.exporterSeed, length);
  }

  private receiveRecord(type: number, epoch: number, payload: Buffer): void {
    if (type === CONTENT.handshake) {
      if (!this.heard) this.giveUpAfter(GIVE_UP_MS);
      this.heard = true;
      const { messages, repeated } = this.reassembly.add(payload, epoch);
      for (const message of messages) this.receiveMessage(message);
      if (repeated) this.repeatFlight();
    } else if (type === CONTENT.alert && payload.length === 2) {
      this.receiveAlert(payload[0]!, payload[1]!, epoch);
    }
    // ChangeCipherSpec says nothing that the epoch does not; application data has no use here.
  }

  private receiveMessage(message: HandshakeMessage): void {
    if (this.connected || this.closed) return;
    if ((message.type === HANDSHAKE.finished) !== (message.epoch === 1)) {
      throw new DtlsFault(ALERT.unexpectedMessage, 'a DTLS handshake message came under the wrong keys');
    }
    this.handshake.receive(message);
  }

  /** The received message counts; what comes next has to know it. */
  remember(message: HandshakeMessage): void {
    this.transcript.push(writeHandshake(message));
  }

  private receiveAlert(level: number, description: number, epoch: number): void {
    // After the handshake only what is authenticated counts.
    if (this.connected && epoch === 0) return;
    if (description === ALERT.closeNotify && this.connected) {
      this.closed = true;
      this.options.onClosed();
    } else if (level === FATAL) {
      this.fail(`the other side ended DTLS with alert ${description}`);
    }
  }

  private transmit(): void {
    this.sentAt = this.options.clock.now();
    // Flights are short: certificates are our own. All of one fits a datagram.
    this.options.send(Buffer.concat(this.flight.map(({ type, epoch, payload }) => this.records.write(type, epoch, payload))));
  }

  private repeatFlight(): void {
    // A client's last flight was understood when the server's came; answering that again would never end.
    if (this.connected && this.options.role === 'client') return;
    if (this.flight.length === 0 || this.repeats >= MAX_REPEATS || this.options.clock.now() - this.sentAt < REPEAT_MS) return;
    this.repeats++;
    this.transmit();
  }

  private retransmitAfter(delayMs: number): void {
    this.cancelRetransmit = this.options.clock.wakeAfter(delayMs, () => {
      this.transmit();
      this.retransmitAfter(Math.min(delayMs * 2, MAX_RETRANSMIT_MS));
    });
  }

  private sendAlert(level: number, description: number): void {
    this.options.send(this.records.write(CONTENT.alert, this.sendEpoch, Buffer.of(level, description)));
  }

  private fail(reason: string): void {
    if (this.closed) return;
    this.closed = true;
    this.stopTimers();
    this.options.onFailed(reason);
  }

  private giveUpAfter(delayMs: number): void {
    this.cancelGiveUp?.();
    this.cancelGiveUp = this.options.clock.wakeAfter(delayMs, () => this.fail('the DTLS handshake was not completed in time'));
  }

  private stopTimers(): void {
    this.cancelRetransmit?.();
    this.cancelGiveUp?.();
  }
}
