import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { alternative, decode, encode, PerError } from '../per';
import { h235, type h245 } from '../schemas';
import { algorithmOf, ALGORITHMS, type MediaAlgorithm } from './algorithms';
import { H235Error } from './errors';
import type { AgreedSecret } from './key-agreement';

/** Media keys travel encrypted with no initial value (GnuGk: CreateH235SessionAndKey). */
const NO_IV = Buffer.alloc(16);

export interface MediaKey {
  algorithm: MediaAlgorithm;
  key: Buffer;
  /** RTP payload type of packets under this key (`synchFlag`), 0-127. */
  payloadType: number;
}

/**
 * Keys of a call's media channels, made by the master of H.245 and sent in `encryptionSync` of OpenLogicalChannel, its Ack and
 * the update command, encrypted with the last bits of the agreed secret (H.235.6 section 7.6.1 after GnuGk's CreateH235Session).
 */
export class MediaKeys {
  private readonly sessionKey: Buffer;

  /** `algorithm`: one that the peer's capabilities name, where it is not what usually goes with the group. */
  constructor({ secret, algorithm: usual }: AgreedSecret, readonly algorithm: MediaAlgorithm = usual) {
    this.sessionKey = secret.subarray(-ALGORITHMS[algorithm].keyLength);
  }

  /** The master makes a key for a channel, whichever side sends on it. */
  create(payloadType: number): { key: MediaKey; sync: h245.EncryptionSync } {
    const { algorithm } = this;
    const { cipher, identifier, keyLength } = ALGORITHMS[algorithm];
    const key = randomBytes(keyLength);
    const encryption = createCipheriv(cipher, this.sessionKey, NO_IV).setAutoPadding(false);
    const encryptedSessionKey = Buffer.concat([encryption.update(key), encryption.final()]);
    const h235Key = encode(h235.H235Key, { secureSharedSecret: { algorithmOID: identifier, paramS: {}, encryptedSessionKey } });
    return { key: { algorithm, key, payloadType }, sync: { synchFlag: payloadType, h235Key } };
  }

  /** The slave reads the master's; H235Error `h235-peer` where it cannot be used. */
  read({ synchFlag, h235Key }: h245.EncryptionSync): MediaKey {
    const { algorithm } = this;
    const { cipher, keyLength } = ALGORITHMS[algorithm];
    const material = alternative(this.decode(h235Key), 'secureSharedSecret');
    if (!material) throw new H235Error('h235-peer', 'The media key is not sent under the shared secret');
    const { algorithmOID, paramS, encryptedSessionKey } = material;
    if (algorithmOID !== undefined && algorithmOf(algorithmOID) !== algorithm) throw new H235Error('h235-peer', `The media key is for ${algorithmOID}, agreed is ${algorithm}`);
    if (paramS.iv8 || paramS.iv16 || paramS.iv || paramS.ranInt !== undefined) throw new H235Error('h235-peer', 'The media key is sent with an initial value');
    if (encryptedSessionKey?.length !== keyLength) throw new H235Error('h235-peer', `The media key has ${encryptedSessionKey?.length ?? 0} octets instead of ${keyLength}`);
    if (synchFlag > 127) throw new H235Error('h235-peer', `${synchFlag} is no payload type`);
    const decryption = createDecipheriv(cipher, this.sessionKey, NO_IV).setAutoPadding(false);
    return { algorithm, key: Buffer.concat([decryption.update(encryptedSessionKey), decryption.final()]), payloadType: synchFlag };
  }

  private decode(h235Key: Uint8Array): h235.H235Key {
    try {
      return decode(h235.H235Key, Buffer.from(h235Key));
    } catch (cause) {
      if (!(cause instanceof PerError)) throw cause;
      throw new H235Error('h235-peer', 'The media key cannot be read', { cause });
    }
  }
}

/** The master's new key for a channel that runs (miscellaneousCommand). `channel`: its number. */
export function updateCommand(channel: number, sync: h245.EncryptionSync): h245.MiscellaneousCommand {
  return { logicalChannelNumber: channel, type: { encryptionUpdateCommand: { encryptionSync: sync } }, direction: { masterToSlave: null } };
}

/** The slave's wish for one; it proposes the payload type. */
export function updateRequest(channel: number, payloadType: number): h245.MiscellaneousCommand {
  return {
    logicalChannelNumber: channel, direction: { slaveToMaster: null },
    type: { encryptionUpdateRequest: { keyProtectionMethod: { secureChannel: false, sharedSecret: true, certProtectedKey: false }, synchFlag: payloadType } },
  };
}

/**
 * What a miscellaneousCommand says of a channel's key: a new one from the master (`encryptionUpdate` is how older versions of
 * H.245 say it), or that the slave wants one, for the payload type that it proposes. Undefined for other commands.
 */
export function updateIn(type: h245.MiscellaneousCommand['type']): { sync: h245.EncryptionSync } | { wanted: number | undefined } | undefined {
  const sync = alternative(type, 'encryptionUpdateCommand')?.encryptionSync ?? alternative(type, 'encryptionUpdate');
  if (sync) return { sync };
  const request = alternative(type, 'encryptionUpdateRequest');
  return request && { wanted: request.synchFlag };
}
