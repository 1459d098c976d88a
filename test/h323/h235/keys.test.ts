import { randomBytes } from 'node:crypto';
import { ALGORITHMS, answerKeyOffer, decrypted, encrypted, encryptedEntries, GROUPS, H235Error, KeyOffer, MediaKeys, offersEncryption, updateCommand, updateIn, updateRequest, withEncryption, type Group } from '../../../src/h323/h235';
import { asn1Module, decode, encode } from '../../../src/h323/per';
import { encodeCallSignalling, encodeTpkt } from '../../../src/h323/q931';
import { h225, h235, h245 } from '../../../src/h323/schemas';
import { describePeer } from '../../peers/harness';
import { CAPABILITIES, H263, ULAW } from '../h245/support/party';
import { showSent } from '../../../src/h323/sent';
import { CATALOGUE } from '../support/catalogue';
import { CORPUS } from '../support/corpus';
import { ErlangOracle } from '../support/erlang';
import { mutate } from '../support/mutate';
import { disagreementsAbout } from '../support/oracle-check';
import { publishedModules } from '../support/published-modules';
import { Random } from '../support/random';
import { dissect, expectedFields, firstDifference } from '../support/tshark';
import { openssl, power, primeOf, toNumber, toOctets } from './support';

const GROUPS_KNOWN = [1024, 1536, 2048] as const;
const SEQUENCE = 7;
const thrown = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

/** Tokens as they come out of the other end's PER; all of them are shown to the oracles below. */
const tokens: h235.ClearToken[] = [];
const overTheWire = (sent: h235.ClearToken[]): h235.ClearToken[] => {
  tokens.push(...sent);
  return sent.map((token) => decode(h235.ClearToken, encode(h235.ClearToken, token)));
};
const keysSent: Buffer[] = [];

/** A message of H.245 as it comes out at the other end. */
function h245OverTheWire(message: h245.MultimediaSystemControlMessage): h245.MultimediaSystemControlMessage {
  const octets = encode(h245.MultimediaSystemControlMessage, message);
  showSent('h245', octets);
  return decode(h245.MultimediaSystemControlMessage, octets);
}

const agree = (offered: readonly Group[], known?: readonly Group[]): { caller: ReturnType<KeyOffer['accept']>; callee: ReturnType<typeof answerKeyOffer> } => {
  const offer = new KeyOffer(offered);
  const callee = answerKeyOffer(overTheWire(offer.tokens), known);
  return { caller: offer.accept(callee && overTheWire(callee.tokens)), callee };
};

describe('agreement on a secret in Setup and Connect', () => {
  test.each(GROUPS_KNOWN)('both have the same secret of %p bits', (group) => {
    const { caller, callee } = agree([group]);
    expect(caller).toEqual(callee!.agreed);
    expect(caller!.secret).toHaveLength(group / 8);
    expect(caller!.algorithm).toBe(group === 1024 ? 'AES-128' : 'AES-256');
  });

  test.each(GROUPS_KNOWN)('a peer that does the arithmetic of RFC 2409 and 3526 by itself has the same secret of %p bits', (group) => {
    const prime = primeOf(group);
    const own = toNumber(randomBytes(group / 8)) % prime;
    const half = toOctets(power(2n, own, prime), group / 8);
    const none = { value: Buffer.alloc(0), length: 0 };
    const callee = answerKeyOffer([{ tokenOID: GROUPS[group].identifier, dhkey: { halfkey: { value: half, length: group }, modSize: none, generator: none } }, { tokenOID: '0.0.8.235.0.3.24' }])!;
    const { halfkey } = callee.tokens[0]!.dhkey!;
    expect(halfkey.length).toBe(group);
    expect(callee.agreed.secret.toString('hex')).toBe(toOctets(power(toNumber(halfkey.value), own, prime), group / 8).toString('hex'));
  });

  test('the strongest common group is taken', () => {
    expect(agree([1024, 2048, 1536]).caller?.group).toBe(2048);
    expect(agree([1024, 2048], [1024, 1536]).caller?.group).toBe(1024);
    expect(agree([2048], [1024])).toEqual({ caller: undefined, callee: undefined });
  });

  test('a group of 1024 bits says its prime and generator as long as the prime; longer ones leave that out', () => {
    const [strong, weak] = new KeyOffer([2048, 1024]).tokens;
    expect(strong!.dhkey).toMatchObject({ modSize: { length: 0 }, generator: { length: 0 } });
    expect(toNumber(weak!.dhkey!.modSize.value)).toBe(primeOf(1024));
    expect([toNumber(weak!.dhkey!.generator.value), weak!.dhkey!.generator.length]).toEqual([2n, 1024]);
  });

  test('no tokens, no token of version 3 and other tokens are no offer', () => {
    const offer = new KeyOffer([1024]).tokens;
    expect(offersEncryption(offer)).toBe(true);
    for (const without of [undefined, [], offer.slice(0, 1), offer.slice(1), [{ tokenOID: '0.0.8.235.0.3.40', dhkey: offer[0]!.dhkey }, offer[1]!]]) {
      expect(offersEncryption(without)).toBe(false);
      expect(answerKeyOffer(without)).toBeUndefined();
    }
  });

  test('a prime of the peer\'s own making is not taken', () => {
    const [token, version] = new KeyOffer([1024]).tokens;
    const modSize = { value: Buffer.from(token!.dhkey!.modSize.value), length: 1024 };
    modSize.value[127]! ^= 2;
    expect(thrown(() => answerKeyOffer([{ ...token!, dhkey: { ...token!.dhkey!, modSize } }, version!]))).toMatchObject({ code: 'h235-peer' });
  });

  test.each(GROUPS_KNOWN)('half keys of %p bits that give the secret away are refused: 0, 1, p-1, p, more', (group) => {
    const prime = primeOf(group);
    const [token, version] = new KeyOffer([group]).tokens;
    for (const bad of [0n, 1n, prime - 1n, prime, prime + 1n]) {
      const halfkey = { value: toOctets(bad, group / 8), length: group };
      expect(thrown(() => answerKeyOffer([{ ...token!, dhkey: { ...token!.dhkey!, halfkey } }, version!]))).toMatchObject({ code: 'h235-peer' });
    }
  });
});

describe('media keys', () => {
  const { caller, callee } = agree([2048, 1024]);
  const [master, slave] = [new MediaKeys(caller!), new MediaKeys(callee!.agreed)];

  test('the master makes them, the slave reads them', () => {
    const { key, sync } = master.create(113);
    keysSent.push(Buffer.from(sync.h235Key));
    expect(slave.read(sync)).toEqual(key);
    expect(key).toMatchObject({ algorithm: 'AES-256', payloadType: 113 });
    expect(master.create(113).key.key.equals(key.key)).toBe(false);
  });

  test('in OpenLogicalChannel, its Ack and the update command they come over as they were sent', () => {
    const { key, sync } = master.create(113);
    const dataType = encrypted(ULAW, master.algorithm)!;
    const parameters = { sessionID: 1, dynamicRTPPayloadType: 113 } as h245.H2250LogicalChannelParameters;
    const open = h245OverTheWire({ request: { openLogicalChannel: { forwardLogicalChannelNumber: 5, forwardLogicalChannelParameters: { dataType, multiplexParameters: { h2250LogicalChannelParameters: parameters } }, encryptionSync: sync } } });
    const received = (open as { request: { openLogicalChannel: h245.OpenLogicalChannel } }).request.openLogicalChannel;
    expect(slave.read(received.encryptionSync!)).toEqual(key);
    expect(decrypted(received.forwardLogicalChannelParameters.dataType)).toEqual({ dataType: ULAW, algorithm: 'AES-256' });
    h245OverTheWire({ response: { openLogicalChannelAck: { forwardLogicalChannelNumber: 5, encryptionSync: sync } } });
    const fresh = master.create(114);
    const command = h245OverTheWire({ command: { miscellaneousCommand: updateCommand(5, fresh.sync) } });
    const typeOf = (message: h245.MultimediaSystemControlMessage): h245.MiscellaneousCommand['type'] => (message as { command: { miscellaneousCommand: h245.MiscellaneousCommand } }).command.miscellaneousCommand.type;
    expect(slave.read((updateIn(typeOf(command)) as { sync: h245.EncryptionSync }).sync)).toEqual(fresh.key);
    const older = h245OverTheWire({ command: { miscellaneousCommand: { logicalChannelNumber: 5, type: { encryptionUpdate: fresh.sync } } } });
    expect(updateIn(typeOf(older))).toEqual(updateIn(typeOf(command)));
    expect(updateIn(typeOf(h245OverTheWire({ command: { miscellaneousCommand: updateRequest(5, 115) } })))).toEqual({ wanted: 115 });
    expect(updateIn({ videoFastUpdatePicture: null })).toBeUndefined();
  });

  test('keys that are broken or for something else are refused', () => {
    const { sync } = master.create(113);
    const key = (value: h235.H235Key): h245.EncryptionSync => ({ synchFlag: 113, h235Key: encode(h235.H235Key, value) });
    const material = (change: Partial<h235.V3KeySyncMaterial>): h245.EncryptionSync =>
      key({ secureSharedSecret: { algorithmOID: ALGORITHMS['AES-256'].identifier, paramS: {}, encryptedSessionKey: Buffer.alloc(32), ...change } });
    for (const bad of [
      { ...sync, synchFlag: 128 }, { ...sync, h235Key: Buffer.from([1]) }, key({ secureChannel: { value: Buffer.alloc(32), length: 256 } }), material({ algorithmOID: ALGORITHMS['AES-128'].identifier }),
      material({ paramS: { iv16: Buffer.alloc(16) } }), material({ encryptedSessionKey: Buffer.alloc(16) }), material({ encryptedSessionKey: undefined }),
    ]) expect(thrown(() => slave.read(bad))).toMatchObject({ code: 'h235-peer' });
  });

  test('20,000 mutated keys are read or refused', () => {
    const random = new Random(1);
    const { sync } = master.create(113);
    let read = 0;
    for (let i = 0; i < 20_000; i++) {
      const error = thrown(() => { slave.read({ synchFlag: 113, h235Key: mutate(Buffer.from(sync.h235Key), random) }); read++; });
      if (error !== undefined && !(error instanceof H235Error && error.code === 'h235-peer')) throw error;
    }
    expect(read).toBeGreaterThan(100);
  });

  describePeer('openssl', 'openssl', () => {
    test('a media key is what openssl decrypts with the last octets of the secret', () => {
      for (const keys of [caller!, agree([1024]).caller!]) {
        const { key, sync } = new MediaKeys(keys).create(100);
        const { encryptedSessionKey } = (decode(h235.H235Key, Buffer.from(sync.h235Key)) as { secureSharedSecret: h235.V3KeySyncMaterial }).secureSharedSecret;
        const { cipher, keyLength } = ALGORITHMS[keys.algorithm];
        expect(openssl('-d', cipher, keys.secret.subarray(keys.secret.length - keyLength), Buffer.alloc(16), Buffer.from(encryptedSessionKey!))).toEqual(key.key);
      }
    });
  });
});

describe('capabilities', () => {
  const { capabilityTable, capabilityDescriptors } = CAPABILITIES as Required<typeof CAPABILITIES>;
  const offer = withEncryption(capabilityTable, capabilityDescriptors, 'AES-128');
  const set = (table: h245.CapabilityTableEntry[], descriptors: h245.CapabilityDescriptor[]): h245.MultimediaSystemControlMessage => ({ request: { terminalCapabilitySet: {
    sequenceNumber: SEQUENCE, protocolIdentifier: '0.0.8.245.0.15', multiplexCapability: CAPABILITIES.multiplexCapability, capabilityTable: table, capabilityDescriptors: descriptors,
  } } });

  test('each of audio and video has an encrypted form, which is wanted more', () => {
    const received = h245OverTheWire(set(offer.table, offer.descriptors)) as { request: { terminalCapabilitySet: h245.TerminalCapabilitySet } };
    const { capabilityTable: table, capabilityDescriptors: descriptors } = received.request.terminalCapabilitySet;
    expect([...encryptedEntries(table!, 'AES-128')]).toEqual([1, 2]);
    expect([...encryptedEntries(table!, 'AES-256')]).toEqual([]);
    expect(descriptors![0]!.simultaneousCapabilities).toEqual([[4, 5, 1, 2], [3]]);
  });

  test('where encryption is required there are no others', () => {
    expect(withEncryption(capabilityTable, capabilityDescriptors, 'AES-128', true).descriptors[0]!.simultaneousCapabilities).toEqual([[4, 5], [3]]);
  });

  test('data types go there and back', () => {
    for (const dataType of [ULAW, H263]) expect(decrypted(encrypted(dataType, 'AES-128')!)).toEqual({ dataType, algorithm: 'AES-128' });
    expect(encrypted({ nullData: null }, 'AES-128')).toBeUndefined();
    expect(decrypted(ULAW)).toBeUndefined();
  });
});

describePeer(['erlc', 'erl'], 'tokens and keys', () => {
  test("are read alike by Erlang's PER, which sends the same octets", () => {
    const published = publishedModules();
    const known = 'missing' in published;
    const about = (type: 'ClearToken' | 'H235Key', schema: never, value: unknown): Parameters<typeof disagreementsAbout>[1][number] =>
      ({ name: type, schema, module: known ? 'H323' : 'H235-SECURITY-MESSAGES', type: known ? `H235-${type}` : type, value });
    const oracle = ErlangOracle.compile(known ? { H323: asn1Module('H323', CATALOGUE) } : published as Record<string, string>);
    const subjects = [...tokens.map((token) => about('ClearToken', h235.ClearToken as never, token)), ...keysSent.map((octets) => about('H235Key', h235.H235Key as never, decode(h235.H235Key, octets)))];
    expect(subjects.length).toBeGreaterThan(10);
    expect(disagreementsAbout(oracle, subjects)).toEqual([]);
  }, 900_000);
});

describePeer('tshark', 'a Setup with tokens', () => {
  test('is dissected by tshark as what was put in', () => {
    const recorded = decode(h225.H323UserInformation, CORPUS.find(({ kind, message }) => kind === 'cs' && message === 'setup')!.octets);
    const { setup } = recorded['h323-uu-pdu']['h323-message-body'] as { setup: h225.SetupUUIE };
    const { fastStart: _fastStart, parallelH245Control: _parallel, cryptoTokens: _crypto, ...plain } = setup;
    const userInformation: h225.H323UserInformation = { 'h323-uu-pdu': { 'h323-message-body': { setup: { ...plain, tokens: new KeyOffer([2048, 1536, 1024]).tokens } } } };
    const payload = encodeTpkt(encodeCallSignalling({ q931: { callReference: 5, fromDestination: false, type: 'setup' }, userInformation }));
    const [dissection] = dissect([{ transport: 'tcp', sourcePort: 20_000, destinationPort: 1720, payload }]);
    expect(dissection!.malformed).toBe(false);
    expect(firstDifference(expectedFields(h225.H323UserInformation, userInformation), dissection!.fields)).toBeUndefined();
  }, 200_000);
});
