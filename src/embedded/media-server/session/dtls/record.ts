import { createCipheriv, createDecipheriv } from 'node:crypto';
import { ReplayWindow } from '../srtp/replay-window';

export const CONTENT = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

export interface DtlsRecord {
  type: number;
  epoch: number;
  payload: Buffer;
}

const HEADER_BYTES = 13;
const DTLS_1_2 = 0xfefd;
const DTLS_1_0 = 0xfeff;
const EXPLICIT_NONCE_BYTES = 8;
const TAG_BYTES = 16;

export interface WriteKey {
  key: Buffer;
  iv: Buffer;
}

/** The record layer of one association (RFC 6347 section 4.1): epoch 0 in the clear, epoch 1 with AES-128-GCM (RFC 5288). */
export class RecordLayer {
  private sequences = [0, 0];
  private readonly replay = new ReplayWindow();
  private keys: { local: WriteKey; remote: WriteKey } | undefined;

  setKeys(local: WriteKey, remote: WriteKey): void {
    this.keys = { local, remote };
  }

  write(type: number, epoch: 0 | 1, payload: Buffer): Buffer {
    const header = Buffer.alloc(HEADER_BYTES);
    header[0] = type;
    header.writeUInt16BE(DTLS_1_2, 1);
    header.writeUInt16BE(epoch, 3);
    header.writeUIntBE(this.sequences[epoch]!++, 5, 6);
    const body = epoch === 0 ? payload : this.seal(header, payload);
    header.writeUInt16BE(body.length, 11);
    return Buffer.concat([header, body]);
  }

  /**
   * The records of a datagram that are genuine and new, one after the other, since one may bring the keys for the next;
   * broken, replayed and unreadable ones are left out.
   */
  *read(datagram: Buffer): Generator<DtlsRecord> {
    for (let at = 0; at + HEADER_BYTES <= datagram.length;) {
      const header = datagram.subarray(at, at + HEADER_BYTES);
      const end = at + HEADER_BYTES + header.readUInt16BE(11);
      const version = header.readUInt16BE(1);
      if (end > datagram.length || (version !== DTLS_1_2 && version !== DTLS_1_0)) break;
      const payload = this.open(header, datagram.subarray(at + HEADER_BYTES, end));
      if (payload !== undefined) yield { type: header[0]!, epoch: header.readUInt16BE(3), payload };
      at = end;
    }
  }

  /** Without keys a replay window would let a forger shut out what is genuine; messages of epoch 0 have their own numbers. */
  private open(header: Buffer, body: Buffer): Buffer | undefined {
    const epoch = header.readUInt16BE(3);
    if (epoch === 0) return body;
    const sequence = header.readUIntBE(5, 6);
    if (epoch !== 1 || this.replay.has(sequence)) return undefined;
    const payload = this.unseal(header, body);
    if (payload !== undefined) this.replay.add(sequence);
    return payload;
  }

  private seal(header: Buffer, payload: Buffer): Buffer {
    if (this.keys === undefined) throw new Error('a protected record before the keys');
    const { key, iv } = this.keys.local;
    const explicit = header.subarray(3, 11);
    const cipher = createCipheriv('aes-128-gcm', key, Buffer.concat([iv, explicit]));
    cipher.setAAD(associatedData(header, payload.length));
    const sealed = Buffer.concat([cipher.update(payload), cipher.final()]);
    return Buffer.concat([explicit, sealed, cipher.getAuthTag()]);
  }

  private unseal(header: Buffer, body: Buffer): Buffer | undefined {
    const length = body.length - EXPLICIT_NONCE_BYTES - TAG_BYTES;
    if (this.keys === undefined || length < 0) return undefined;
    const { key, iv } = this.keys.remote;
    const decipher = createDecipheriv('aes-128-gcm', key, Buffer.concat([iv, body.subarray(0, EXPLICIT_NONCE_BYTES)]), { authTagLength: TAG_BYTES });
    decipher.setAAD(associatedData(header, length));
    decipher.setAuthTag(body.subarray(body.length - TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(body.subarray(EXPLICIT_NONCE_BYTES, body.length - TAG_BYTES)), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}

/** Epoch and sequence number, type, version, length of the plain text. */
function associatedData(header: Buffer, length: number): Buffer {
  const data = Buffer.concat([header.subarray(3, 11), header.subarray(0, 3), Buffer.alloc(2)]);
  data.writeUInt16BE(length, 11);
  return data;
}
