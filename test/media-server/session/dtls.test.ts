import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemClock } from '../../../src/embedded/media-server/session/clock';
import { DtlsAssociation, type DtlsOptions, type DtlsRole } from '../../../src/embedded/media-server/session/dtls/association';
import { selfSignedCertificate } from '../../../src/embedded/media-server/session/dtls/certificate';
import type { Fingerprint } from '../../../src/embedded/media-server/session/sdp/description';
import type { MasterKey } from '../../../src/embedded/media-server/session/srtp/session-keys';
import { Child, describePeer, freePorts, until } from '../../peers/harness';
import { HandClock } from './support';

const certificates = { client: selfSignedCertificate(Date.now()), server: selfSignedCertificate(Date.now()) };
const fingerprintOf = (der: Buffer): Fingerprint => ({ hash: 'sha256', value: createHash('sha256').update(der).digest() });

interface Side {
  association: DtlsAssociation;
  sent: Buffer[];
  keys: { local: MasterKey; remote: MasterKey } | undefined;
  failure: string | undefined;
  closed: boolean;
}

function side(role: DtlsRole, options: Partial<DtlsOptions> = {}): Side {
  const result: Side = { association: undefined as never, sent: [], keys: undefined, failure: undefined, closed: false };
  result.association = new DtlsAssociation({
    role, certificate: certificates[role], fingerprint: fingerprintOf(certificates[role === 'client' ? 'server' : 'client'].der),
    clock: new HandClock(), addressProven: true,
    send: (bytes) => result.sent.push(bytes),
    onConnected: (keys) => (result.keys = keys),
    onFailed: (reason) => (result.failure = reason),
    onClosed: () => (result.closed = true),
    ...options,
  });
  return result;
}

/** Carries datagrams between the two until neither has anything to say; `lose` drops those for which it says so. */
function exchange(client: Side, server: Side, lose: (datagram: Buffer) => boolean = () => false): void {
  for (let quiet = false; !quiet;) {
    const [up, down] = [client.sent.splice(0), server.sent.splice(0)];
    quiet = up.length + down.length === 0;
    for (const datagram of up) if (!lose(datagram)) server.association.receive(datagram);
    for (const datagram of down) if (!lose(datagram)) client.association.receive(datagram);
  }
}

describe('two associations', () => {
  test.each([true, false])('agree on keys; address proven: %s', (addressProven) => {
    const [client, server] = [side('client'), side('server', { addressProven })];
    client.association.start();
    server.association.start();
    exchange(client, server);
    expect(client.keys?.local).toEqual(server.keys?.remote);
    expect(client.keys?.remote).toEqual(server.keys?.local);
    expect(client.keys?.local.profile.name).toBe('AEAD_AES_256_GCM');
    expect(client.keys?.local.masterKey).not.toEqual(client.keys?.remote.masterKey);
  });

  test('an unproven address gets an answer no longer than its question', () => {
    const [client, server] = [side('client'), side('server', { addressProven: false })];
    client.association.start();
    const hello = client.sent[0]!;
    server.association.receive(hello);
    expect(Buffer.concat(server.sent).length).toBeLessThan(hello.length);
  });

  test('agree although four of ten datagrams are lost', () => {
    const clocks = [new HandClock(), new HandClock()];
    const [client, server] = [side('client', { clock: clocks[0]! }), side('server', { clock: clocks[1]! })];
    client.association.start();
    server.association.start();
    let count = 0;
    for (let second = 0; second < 15 && client.keys === undefined; second++) {
      exchange(client, server, () => (count++ * 7) % 10 < 4);
      for (const clock of clocks) clock.advance(1_000);
    }
    expect(client.keys?.local).toEqual(server.keys?.remote);
    client.association.close();
    server.association.close();
    expect(clocks.map((clock) => clock.pending)).toEqual([0, 0]);
  });

  test('give up in the end, and no timer stays', () => {
    const clock = new HandClock();
    const client = side('client', { clock });
    client.association.start();
    clock.advance(120_000);
    expect(client.failure).toBeUndefined();
    clock.advance(70_000);
    expect(client.failure).toBe('the DTLS handshake was not completed in time');
    expect(clock.pending).toBe(0);
    expect(client.sent.length).toBeLessThan(200);
  });

  test('give up soon on one that begins and does not go on', () => {
    const clock = new HandClock();
    const [client, server] = [side('client', { clock }), side('server')];
    client.association.start();
    server.association.receive(client.sent.splice(0)[0]!);
    client.association.receive(server.sent.splice(0)[0]!);
    clock.advance(21_000);
    expect(client.failure).toBe('the DTLS handshake was not completed in time');
  });

  test('a server that begins late is answered within a second', () => {
    const clock = new HandClock();
    const [client, server] = [side('client', { clock }), side('server')];
    client.association.start();
    clock.advance(90_000);
    client.sent.splice(0);
    clock.advance(1_000);
    exchange(client, server);
    expect(client.keys?.local).toEqual(server.keys?.remote);
  });

  test('a certificate with another fingerprint is refused, in either role', () => {
    const stranger = selfSignedCertificate(Date.now());
    for (const role of ['client', 'server'] as const) {
      const sides = { client: side('client', role === 'client' ? { certificate: stranger } : {}), server: side('server', role === 'server' ? { certificate: stranger } : {}) };
      sides.client.association.start();
      exchange(sides.client, sides.server);
      expect(sides[role === 'client' ? 'server' : 'client'].failure).toContain('fingerprint');
      expect([sides.client.keys, sides.server.keys]).toEqual([undefined, undefined]);
    }
  });

  test('who shows the right certificate without its key is refused, in either role', () => {
    for (const role of ['client', 'server'] as const) {
      const thief = { ...certificates[role], key: selfSignedCertificate(Date.now()).key };
      const sides = { client: side('client', role === 'client' ? { certificate: thief } : {}), server: side('server', role === 'server' ? { certificate: thief } : {}) };
      sides.client.association.start();
      exchange(sides.client, sides.server);
      expect(sides[role === 'client' ? 'server' : 'client'].failure).toMatch(/does not hold the key|not signed by its certificate/);
      expect([sides.client.keys, sides.server.keys]).toEqual([undefined, undefined]);
    }
  });

  test('the goodbye of one is heard by the other, a forged one is not', () => {
    const [client, server] = [side('client'), side('server')];
    client.association.start();
    exchange(client, server);
    server.association.receive(Buffer.from('15fefd00000000000000050002020a', 'hex'));
    server.association.receive(Buffer.from('15fefd000000000000000600020100', 'hex'));
    expect([server.closed, server.failure]).toEqual([false, undefined]);
    client.association.close();
    exchange(client, server);
    expect(server.closed).toBe(true);
  });

  test('mutilated datagrams end a handshake at worst, and never throw', () => {
    let connected = 0;
    for (let round = 0; round < 120; round++) {
      const [client, server] = [side('client'), side('server')];
      client.association.start();
      let at = 0;
      exchange(client, server, (datagram) => {
        if (at++ === round % 6) {
          const damaged = Buffer.from(datagram);
          damaged[(round * 7_919) % damaged.length]! ^= 1 + (round % 255);
          (at % 2 === 0 ? client : server).association.receive(damaged.subarray(0, damaged.length - (round % 3) * 5));
        }
        return false;
      });
      if (client.keys !== undefined && server.keys !== undefined) {
        connected++;
        expect(client.keys.local).toEqual(server.keys.remote);
      }
    }
    expect(connected).toBeGreaterThan(0);
  });
});

describe('our certificate', () => {
  test('is one that others can read, self-signed on P-256', () => {
    const certificate = new X509Certificate(certificates.server.der);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.fingerprint256).toBe(certificates.server.fingerprint);
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
  });
});

describePeer('openssl', 'with OpenSSL', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-dtls-'));
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
  const EXPORT = ['-use_srtp', 'SRTP_AES128_CM_SHA1_80', '-keymatexport', 'EXTRACTOR-dtls_srtp', '-keymatexportlen', '60'];

  function certificate(kind: string, options: string[]): { files: string[]; fingerprint: Fingerprint } {
    const [cert, key] = [path.join(folder, `${kind}.pem`), path.join(folder, `${kind}.key`)];
    execFileSync('openssl', ['req', '-x509', ...options, '-nodes', '-days', '2', '-subj', `/CN=${kind}`, '-keyout', key, '-out', cert], { stdio: 'pipe' });
    return { files: ['-cert', cert, '-key', key], fingerprint: fingerprintOf(new X509Certificate(fs.readFileSync(cert)).raw) };
  }

  const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const RSA = ['-newkey', 'rsa:2048'];

  async function withSocket(association: (send: (bytes: Buffer) => void) => Side, target: number | undefined, work: (side: Side, port: number) => Promise<void>): Promise<void> {
    const socket = dgram.createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    let port = target;
    const side = association((bytes) => socket.send(bytes, port!, '127.0.0.1'));
    socket.on('message', (bytes, from) => {
      port = from.port;
      side.association.receive(bytes);
    });
    try {
      await work(side, socket.address().port);
    } finally {
      side.association.close();
      socket.close();
    }
  }

  const material = (keys: Side['keys'], role: DtlsRole): string => {
    const [client, server] = role === 'client' ? [keys!.local, keys!.remote] : [keys!.remote, keys!.local];
    return Buffer.concat([client.masterKey, server.masterKey, client.masterSalt, server.masterSalt]).toString('hex').toUpperCase();
  };
  const keysOf = ({ keys, failure }: Side): Side['keys'] => {
    if (failure !== undefined) throw new Error(failure);
    return keys;
  };
  const exported = (child: Child): string | undefined => /Keying material: ([0-9A-F]{120})/.exec(child.output)?.[1];

  test.each([['an ECDSA', EC, true], ['an RSA', RSA, false]] as const)('as its server, with %s certificate on its side', async (kind, key, addressProven) => {
    const theirs = certificate(`client-${kind}`, [...key]);
    await withSocket((send) => side('server', { clock: systemClock, fingerprint: theirs.fingerprint, send, addressProven }), undefined, async (server, port) => {
      const openssl = new Child('openssl', ['s_client', '-dtls1_2', '-connect', `127.0.0.1:${port}`, ...theirs.files, ...EXPORT]);
      const keys = await until(`openssl connects: ${openssl.output}`, () => keysOf(server));
      expect(keys.local.profile.name).toBe('AES_CM_128_HMAC_SHA1_80');
      expect(await until('openssl exports its keys', () => exported(openssl))).toBe(material(keys, 'server'));
      await openssl.stop();
    });
  });

  test.each([['an ECDSA', EC], ['an RSA', RSA]] as const)('as its client, with %s certificate on its side', async (kind, key) => {
    const theirs = certificate(`server-${kind}`, [...key]);
    const port = await freePorts(1);
    const fifo = path.join(folder, `${kind}.fifo`.replace(' ', '-'));
    execFileSync('mkfifo', [fifo]);
    // It ends when its standard input does; a FIFO opened for both never does.
    const openssl = new Child('sh', ['-c', `exec openssl "$@" 0<> ${fifo}`, 'openssl', 's_server', '-dtls1_2', '-accept', `127.0.0.1:${port}`, '-Verify', '1', ...theirs.files, ...EXPORT]);
    await until('openssl listens', () => openssl.output.includes('ACCEPT'));
    await withSocket((send) => side('client', { clock: systemClock, fingerprint: theirs.fingerprint, send }), port, async (client) => {
      client.association.start();
      const keys = await until('openssl answers', () => keysOf(client));
      expect(await until('openssl exports its keys', () => exported(openssl))).toBe(material(keys, 'client'));
    });
    await openssl.stop();
  });
});
