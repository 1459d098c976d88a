import dgram from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { MediaCipher, MediaRelay, type MediaKey } from '../../../src/h323/h235';
import { until } from '../../peers/harness';
import { rtp } from './support';

const HOST = '127.0.0.1';
const PCMA = 8;
const ends: (() => void)[] = [];
afterEach(() => { for (const end of ends.splice(0).reverse()) end(); });

/** A socket that remembers what came, and waits for more. */
class Peer {
  readonly received: Buffer[] = [];
  private waiting: (() => void) | undefined;

  private constructor(readonly socket: dgram.Socket) {
    socket.on('message', (packet) => { this.received.push(packet); this.waiting?.(); });
    ends.push(() => socket.close());
  }

  static async open(port = 0): Promise<Peer> {
    const socket = dgram.createSocket('udp4');
    await new Promise<void>((resolve, reject) => socket.once('error', reject).bind(port, HOST, resolve));
    return new Peer(socket);
  }

  get address(): { address: string; port: number } {
    return { address: HOST, port: this.socket.address().port };
  }

  async next(): Promise<Buffer> {
    while (this.received.length === 0) await new Promise<void>((resolve) => { this.waiting = resolve; });
    return this.received.shift()!;
  }

  send(packet: Buffer, port: number): Promise<unknown> {
    return new Promise((resolve) => this.socket.send(packet, port, HOST, resolve));
  }
}

const key = (payloadType: number): MediaKey => ({ algorithm: 'AES-128', key: randomBytes(16), payloadType });
const cipher = (mediaKey: MediaKey): MediaCipher => new MediaCipher({ payloadType: PCMA, key: mediaKey });
const sound = (sequence: number): Buffer => rtp(Buffer.alloc(160, sequence), { payloadType: PCMA, sequence });

interface Call {
  relay: MediaRelay;
  device: Peer;
  deviceControl: Peer;
  server: Peer;
  serverControl: Peer;
  /** The device's ciphers, of what it sends and receives. */
  sending: MediaCipher;
  receiving: MediaCipher;
}

async function call(latch = false): Promise<Call> {
  const relay = await MediaRelay.open({ secure: { host: HOST }, plain: { host: HOST } });
  ends.push(() => relay.close());
  const [device, deviceControl, server, serverControl] = [await Peer.open(), await Peer.open(), await Peer.open(), await Peer.open()];
  relay.setDevice({ rtp: device.address, rtcp: deviceControl.address, latch });
  relay.setMediaServer({ rtp: server.address, rtcp: serverControl.address });
  const [there, back] = [key(110), key(111)];
  relay.decryption = cipher(there);
  relay.encryption = cipher(back);
  return { relay, device, deviceControl, server, serverControl, sending: cipher(there), receiving: cipher(back) };
}

describe('a relay between an encrypted leg and plain RTP', () => {
  test('has RTP on even ports', async () => {
    const { relay } = await call();
    expect([relay.ports.secure % 2, relay.ports.plain % 2]).toEqual([0, 0]);
  });

  test('finds a device by its keep-alives until it has sent what can be read, and again when its place is told anew', async () => {
    const { relay, device, server, sending, receiving } = await call(true);
    const [behind, stranger] = [await Peer.open(), await Peer.open()];
    const keepAlive = Buffer.from('80ff00010000000000000239', 'hex');
    const arrives = async (at: Peer, sequence: number): Promise<void> => {
      await server.send(sound(sequence), relay.ports.plain);
      expect(receiving.decrypt(await at.next())).toEqual(sound(sequence));
    };
    await behind.send(keepAlive, relay.ports.secure);
    await until('the relay has the keep-alive', () => relay.counters.dropped === 1);
    await arrives(behind, 1);
    relay.setDevice({ rtp: { ...device.address, port: 5_008 }, latch: true });
    await arrives(behind, 2);
    await device.send(sending.encrypt(sound(3))!, relay.ports.secure);
    expect(await server.next()).toEqual(sound(3));
    await stranger.send(keepAlive, relay.ports.secure);
    await until('the relay has the other keep-alive', () => relay.counters.dropped === 2);
    await arrives(device, 4);
  });

  test('decrypts one way and encrypts the other, and leaves RTCP as it is', async () => {
    const { relay, device, deviceControl, server, serverControl, sending, receiving } = await call();
    for (let sequence = 1; sequence <= 50; sequence++) {
      await device.send(sending.encrypt(sound(sequence))!, relay.ports.secure);
      expect(await server.next()).toEqual(sound(sequence));
      await server.send(sound(sequence), relay.ports.plain);
      expect(receiving.decrypt(await device.next())).toEqual(sound(sequence));
    }
    const report = Buffer.from('80c90001deadbeef', 'hex');
    await deviceControl.send(report, relay.ports.secure + 1);
    expect(await serverControl.next()).toEqual(report);
    await serverControl.send(report, relay.ports.plain + 1);
    expect(await deviceControl.next()).toEqual(report);
    expect(relay.counters).toEqual({ decrypted: 50, encrypted: 50, rtcp: 2, dropped: 0 });
  });

  test('takes a new key while it runs', async () => {
    const { relay, device, server, sending } = await call();
    await device.send(sending.encrypt(sound(1))!, relay.ports.secure);
    expect(await server.next()).toEqual(sound(1));
    const fresh = key(112);
    relay.decryption!.refresh(fresh);
    const late = sending.encrypt(sound(2))!;
    sending.refresh(fresh);
    await device.send(late, relay.ports.secure);
    await device.send(sending.encrypt(sound(3))!, relay.ports.secure);
    expect([await server.next(), await server.next()]).toEqual([sound(2), sound(3)]);
  });

  test('drops clear packets of the device, those under other keys\' payload types, and those of strangers', async () => {
    const { relay, device, server, sending } = await call();
    const stranger = await Peer.open();
    await device.send(sound(1), relay.ports.secure);
    await device.send(cipher(key(99)).encrypt(sound(2))!, relay.ports.secure);
    await device.send(Buffer.alloc(4_000, 0x80), relay.ports.secure);
    await stranger.send(sending.encrypt(sound(3))!, relay.ports.secure);
    await stranger.send(sound(4), relay.ports.plain);
    await device.send(sending.encrypt(sound(5))!, relay.ports.secure);
    expect(await server.next()).toEqual(sound(5));
    await until('all others are dropped', () => relay.counters.dropped >= 5);
    expect(relay.counters).toEqual({ decrypted: 1, encrypted: 0, rtcp: 0, dropped: 5 });
  });

  test('finds a device behind address translation by its packets, where it may', async () => {
    const { relay, device, server, sending, receiving } = await call(true);
    const outside = await Peer.open();
    await outside.send(sound(1), relay.ports.secure);
    await outside.send(sending.encrypt(sound(2))!, relay.ports.secure);
    expect(await server.next()).toEqual(sound(2));
    await server.send(sound(3), relay.ports.plain);
    expect(receiving.decrypt(await outside.next())).toEqual(sound(3));
    expect(device.received).toEqual([]);
  });

  test('drops everything until it knows the other sides', async () => {
    const relay = await MediaRelay.open({ secure: { host: HOST }, plain: { host: HOST } });
    ends.push(() => relay.close());
    const device = await Peer.open();
    await device.send(sound(1), relay.ports.secure);
    await until('the packet of nobody known is dropped', () => relay.counters.dropped === 1);
    relay.setDevice({ rtp: device.address });
    await device.send(sound(1), relay.ports.secure);
    await until('the packet without a key is dropped', () => relay.counters.dropped === 2);
    relay.decryption = cipher(key(PCMA));
    const server = await Peer.open();
    relay.setMediaServer({ rtp: server.address });
    await device.send(rtp(Buffer.alloc(16), { payloadType: PCMA }), relay.ports.secure);
    await server.next();
    expect(relay.counters).toEqual({ decrypted: 1, encrypted: 0, rtcp: 0, dropped: 2 });
  });

  test('says so when there are no ports, and leaves none open', async () => {
    const taken = await Peer.open();
    const { port } = taken.address;
    const even = port % 2 === 0 ? port : port - 1;
    await expect(MediaRelay.open({ secure: { host: HOST, portRange: [even, even + 1] }, plain: { host: HOST } })).rejects.toMatchObject({ code: 'h235-ports', sipStatus: 503, q850: 47 });
    await expect(MediaRelay.open({ secure: { host: HOST, portRange: [5, 5] }, plain: { host: HOST } })).rejects.toMatchObject({ code: 'h235-ports' });
    taken.socket.close();
    ends.splice(0);
    const relay = await MediaRelay.open({ secure: { host: HOST, portRange: [even, even + 1] }, plain: { host: HOST } });
    expect(relay.ports.secure).toBe(even);
    relay.close();
    relay.close();
  });
});
