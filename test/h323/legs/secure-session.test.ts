import dgram from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ControlChannel, ControlReceiver } from '../../../src/h323/contracts';
import { ALGORITHMS, encrypted, updateIn, updateRequest } from '../../../src/h323/h235';
import { H245Session, type ChannelAnswer, type H245Handlers, type LogicalChannel } from '../../../src/h323/h245';
import { MediaEncryption, type CallEncryption } from '../../../src/h323/legs/encryption';
import { SecureSession, type MediaSession } from '../../../src/h323/legs/secure-session';
import { decode, encode } from '../../../src/h323/per';
import { h245 } from '../../../src/h323/schemas';
import { until } from '../../peers/harness';
import { CAPABILITIES, ULAW } from '../h245/support/party';
import { showSent } from '../../../src/h323/sent';

const HOST = '127.0.0.1';
const [MASTER, SLAVE] = [190, 50];
const PAYLOAD = Buffer.alloc(160, 0x55);
const open: (() => unknown)[] = [];
const sent: h245.MultimediaSystemControlMessage[] = [];
afterEach(async () => { for (const close of open.splice(0)) await close(); });

/** One end of a control channel within this process; what it says passes the codec. */
class End implements ControlChannel {
  far: End | undefined;
  private receiver: ControlReceiver | undefined;
  attach(receiver: ControlReceiver): void {
    this.receiver = receiver;
    setImmediate(() => receiver.opened());
  }
  send(message: h245.MultimediaSystemControlMessage): void {
    const octets = encode(h245.MultimediaSystemControlMessage, message);
    showSent('h245', octets);
    sent.push(message);
    setImmediate(() => this.far?.receiver?.received(decode(h245.MultimediaSystemControlMessage, octets)));
  }
}

/** A session, with the socket that its user takes sound at. */
interface Party {
  session: MediaSession;
  socket: dgram.Socket;
  /** Where it says that it does. */
  port: number;
  heard: Buffer[];
  closed: string[];
  ready: Promise<void>;
  timesReady: number;
}

async function party(control: ControlChannel, terminalType: number, encryption?: CallEncryption): Promise<Party> {
  const socket = dgram.createSocket('udp4');
  socket.bind(0, HOST);
  await once(socket, 'listening');
  const [heard, closed]: [Buffer[], string[]] = [[], []];
  socket.on('message', (packet) => heard.push(packet));
  let ready = (): void => undefined;
  const whenReady = new Promise<void>((resolve) => { ready = resolve; });
  const handlers: H245Handlers = {
    ready: () => {
      made.timesReady++;
      ready();
    },
    remoteCapabilities: () => undefined, channelOpened: () => undefined, failed: (error) => closed.push(error.message), ended: () => undefined,
    channelClosed: ({ direction }, cause) => closed.push(`${direction} ${cause}`),
    channelRequested: (): ChannelAnswer => ({ media: { rtp: { host: HOST, port: made.port } } }),
  };
  const options = { control, terminalType, random: randomBytes, handlers };
  const session = encryption ? new SecureSession(options, encryption, { host: () => HOST }) : new H245Session(options);
  open.push(() => session.end(), () => socket.close());
  session.start(CAPABILITIES);
  const made = { session, socket, port: socket.address().port, heard, closed, ready: whenReady, timesReady: 0 };
  return made;
}

const encryptionOf = (required: boolean): MediaEncryption => new MediaEncryption({ required, host: HOST, told: HOST, ports: [10_000, 29_999] });

/** The two ends of a call that agreed on a secret, or of one whose master says nothing of it. */
async function call({ required = false, master: kind = 'secure' as 'secure' | 'bare' } = {}): Promise<{ master: Party; slave: Party }> {
  const [caller, callee] = [encryptionOf(required).placing(), encryptionOf(required).taking()];
  caller.answered(callee.answer(caller.offeredTokens), true);
  const [left, right] = [new End(), new End()];
  [left.far, right.far] = [right, left];
  const master = await party(left, MASTER, kind === 'secure' ? caller : undefined);
  const slave = await party(right, SLAVE, callee);
  await Promise.all([master.ready, slave.ready]);
  return { master, slave };
}

const sound = ({ port }: Party): Parameters<MediaSession['open']>[0] =>
  ({ sessionId: 1, dataType: ULAW, payloadType: 0, media: { rtp: { host: HOST, port } } });

/** Sends sound into a channel until the other end has heard some more of it. */
async function talk(from: Party, channel: LogicalChannel, to: Party): Promise<void> {
  const before = to.heard.length;
  let sequence = 0;
  await until('sound arrives', () => {
    const header = Buffer.from([0x80, 0, 0, ++sequence, 0, 0, 0, sequence, 1, 2, 3, 4]);
    from.socket.send(Buffer.concat([header, PAYLOAD]), channel.media.rtp.port, channel.media.rtp.host);
    return to.heard.length > before;
  });
  expect(to.heard.at(-1)!.subarray(12).equals(PAYLOAD)).toBe(true);
  expect(to.heard.at(-1)![1]).toBe(0);
}

const syncOf = (type: h245.MiscellaneousCommand['type']): number | undefined => {
  const update = updateIn(type);
  return update && 'sync' in update ? update.sync.synchFlag : undefined;
};

describe('a session whose media are encrypted', () => {
  beforeEach(() => { sent.splice(0); });

  test('its user sees clear channels of G.711; between the two there are encrypted ones of a dynamic payload type, with a key from the master in the wish or in its acknowledgement', async () => {
    const { master, slave } = await call();
    const [there, back] = [await master.session.open(sound(master)), await slave.session.open(sound(slave))];
    await talk(master, there, slave);
    await talk(slave, back, master);
    for (const { session } of [master, slave]) expect(session.channels.map(({ dataType, payloadType }) => [dataType, payloadType])).toEqual([[ULAW, 0], [ULAW, 0]]);
    const wishes = sent.flatMap((message) => ('request' in message && 'openLogicalChannel' in message.request ? message.request.openLogicalChannel : []));
    expect(wishes.map(({ forwardLogicalChannelParameters: { dataType }, encryptionSync }) => [Object.keys(dataType)[0], encryptionSync?.synchFlag])).toEqual([['h235Media', 118], ['h235Media', undefined]]);
  });

  test('the slave gets a new key for what it sends when it asks for one, with the payload type that it proposes', async () => {
    const { master, slave } = await call();
    const channel = await slave.session.open(sound(slave));
    await talk(slave, channel, master);
    const { type, direction } = updateRequest(channel.number, 101);
    slave.session.command(channel, type, direction);
    await until('the key is there', () => sent.some((message) => 'command' in message && 'miscellaneousCommand' in message.command
      && syncOf(message.command.miscellaneousCommand.type) === 101));
    await talk(slave, channel, master);
    expect(slave.closed).toEqual([]);
  });

  test('a channel without a key from the master, and an algorithm that was not agreed on, are refused', async () => {
    const { master, slave } = await call({ master: 'bare' });
    const dataType = encrypted(ULAW, 'AES-256')!;
    await expect(master.session.open({ ...sound(master), dataType, payloadType: 118 })).rejects.toThrow('securityDenied');
    const h235Key = Buffer.alloc(20, 1);
    await expect(master.session.open({ ...sound(master), dataType, payloadType: 118, encryptionSync: { synchFlag: 118, h235Key } })).rejects.toThrow('securityDenied');
    const unknown: h245.DataType = { h235Media: { encryptionAuthenticationAndIntegrity: { encryptionCapability: [{ algorithm: '1.3.14.3.2.7' }] }, mediaType: { audioData: { g711Ulaw64k: 20 } } } };
    expect(Object.values(ALGORITHMS).map(({ identifier }) => identifier)).not.toContain('1.3.14.3.2.7');
    await expect(master.session.open({ ...sound(master), dataType: unknown, payloadType: 118 })).rejects.toThrow('securityDenied');
    expect(slave.session.channels).toEqual([]);
  });

  test('where encryption is required, clear channels are neither taken nor opened', async () => {
    const { master, slave } = await call({ master: 'bare', required: true });
    await expect(master.session.open(sound(master))).rejects.toThrow('securityDenied');
    await expect(slave.session.open(sound(slave))).rejects.toMatchObject({ code: 'h323-not-encrypted', q850: 57 });
  });

  test('where it is only wanted, they are', async () => {
    const { master, slave } = await call({ master: 'bare' });
    await talk(master, await master.session.open(sound(master)), slave);
    await talk(slave, await slave.session.open(sound(slave)), master);
  });

  test('a new key that cannot be read closes the channel; commands about keys of other channels change nothing', async () => {
    const { master, slave } = await call();
    const channel = await slave.session.open(sound(slave));
    const sync: h245.EncryptionSync = { synchFlag: 120, h235Key: Buffer.alloc(20, 1) };
    master.session.command({ number: 4_000 }, { encryptionUpdateCommand: { encryptionSync: sync } }, { slaveToMaster: null });
    master.session.command(channel, { encryptionUpdateAck: { synchFlag: 1 } }, { masterToSlave: null });
    slave.session.command(channel, { encryptionUpdateCommand: { encryptionSync: sync } }, { slaveToMaster: null });
    await talk(slave, channel, master);
    expect(slave.closed).toEqual([]);
    master.session.command(channel, { encryptionUpdateCommand: { encryptionSync: sync } }, { slaveToMaster: null });
    await until('the channel is closed', () => slave.closed.length > 0 && master.closed.length > 0);
    expect([slave.closed, master.closed]).toEqual([['send local'], ['receive peer']]);
  });

  test('after a pause channels are opened anew, with keys of their own', async () => {
    const { master, slave } = await call();
    const first = await slave.session.open(sound(slave));
    await talk(slave, first, master);
    await master.session.setCapabilities({});
    await until('the channel is closed', () => slave.session.channels.length === 0 && master.session.channels.length === 0);
    const before = slave.timesReady;
    await master.session.setCapabilities(CAPABILITIES);
    await until('channels may be opened', () => slave.timesReady > before);
    const again = await slave.session.open(sound(slave));
    expect(again.media).toEqual(first.media);
    await talk(slave, again, master);
    const keys = sent.flatMap((message) => ('response' in message && 'openLogicalChannelAck' in message.response ? message.response.openLogicalChannelAck.encryptionSync?.h235Key.toString('hex') ?? [] : []));
    expect(new Set(keys).size).toBe(2);
  });

  test('an address without a port is none: what is for it is lost, and the other way goes on', async () => {
    const { master, slave } = await call();
    master.port = 0;
    const nowhere = await slave.session.open(sound(slave));
    slave.socket.send(Buffer.concat([Buffer.from([0x80, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3, 4]), PAYLOAD]), nowhere.media.rtp.port, HOST);
    await talk(master, await master.session.open(sound(master)), slave);
    expect(master.heard).toEqual([]);
  });
});
