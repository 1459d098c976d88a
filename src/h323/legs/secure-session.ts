import { decrypted, encrypted, MediaCipher, MediaKeys, MediaRelay, updateCommand, updateIn, type MediaAlgorithm, type RelayRemote } from '../h235';
import {
  H245Session, payloadTypeOf, type Capabilities, type ChannelAnswer, type ChannelRequest, type H245Handlers, type H245Options, type IncomingChannel, type LogicalChannel,
  type MiscellaneousCommand,
} from '../h245';
import type { h245 } from '../schemas';
import { mediumOf, type Medium } from '../sdp';
import type { CallEncryption } from './encryption';
import { LegError } from './errors';
import { algorithmsOf, algorithmTaken, securedCapabilities, withoutEvents } from './secure-capabilities';
import { keyIn, NO_PORT, remoteOf, renumbered, useNext, type SecureChannel } from './secure-channel';
import type { Firewall } from './traversal';

/** What a leg does with the control channel of its call, whether media are encrypted or not. */
export type MediaSession = Pick<H245Session,
  'channels' | 'remoteCapabilities' | 'status' | 'start' | 'setCapabilities' | 'open' | 'adopt' | 'close' | 'requestMode' | 'flowControl' | 'command' | 'sendUserInput' | 'sendGeneric' | 'end'>;

/** Payload type of encrypted packets of a codec that has a fixed one: those numbers are for what is clear. */
const ENCRYPTED = 118;
const FIRST_DYNAMIC = 96;
const REFRESH_MS = 3_600_000;
/** A new key for what this side sends is used when the peer has it; it says so, or had time for it. */
const SWITCH_MS = 1_000;

const REFUSED: ChannelAnswer = { refuse: { securityDenied: null } };

/** The other end of the call. */
export interface SecureDevice {
  /** From where media may come before it says where it receives. */
  host(): string;
  /** The one that it is behind. */
  firewall?: Firewall;
}

/**
 * A session of H.245 whose audio and video channels are encrypted where both ends do that (H.235.6). Its user sees clear channels at
 * ports of this machine: a relay stands between them and the peer.
 */
export class SecureSession implements MediaSession {
  private readonly session: H245Session;
  private readonly handlers: H245Handlers;
  /** By the data type that stands in the session's channel. */
  private readonly secure = new WeakMap<h245.DataType, SecureChannel>();
  private readonly relays = new Map<Medium, Promise<MediaRelay>>();
  /** Relays whose device has said where it receives. */
  private readonly placed = new WeakSet<MediaRelay>();
  private refreshing: NodeJS.Timeout | undefined;
  private capabilities: Capabilities | undefined;
  private over = false;

  constructor(options: H245Options, private readonly encryption: CallEncryption, private readonly device: SecureDevice) {
    const { handlers } = options;
    this.handlers = handlers;
    this.session = new H245Session({
      ...options,
      handlers: {
        ...handlers,
        channelRequested: (request) => this.requested(request),
        channelOpened: (channel) => handlers.channelOpened(this.clear(channel)),
        channelClosed: (channel, cause, reopen) => {
          this.stop(channel);
          handlers.channelClosed(this.clear(channel), cause, reopen);
        },
        miscellaneousCommand: (command) => this.keyCommand(command) || (handlers.miscellaneousCommand?.(command) ?? true),
        ended: (by) => {
          this.stopAll();
          handlers.ended(by);
        },
      },
    });
    void encryption.settled.then(() => this.announceAnew());
  }

  get channels(): LogicalChannel[] {
    const { channels } = this.session;
    // Most calls have nothing that is seen otherwise than it is.
    return this.relays.size === 0 && !this.device.firewall ? channels : channels.map((channel) => this.clear(channel));
  }

  get remoteCapabilities(): Capabilities {
    const { remoteCapabilities } = this.session;
    return this.encryption.agreed ? withoutEvents(remoteCapabilities) : remoteCapabilities;
  }

  get status(): H245Session['status'] {
    return this.session.status;
  }

  start(capabilities: Capabilities): void {
    this.capabilities = capabilities;
    this.session.start(securedCapabilities(capabilities, this.encryption));
  }

  setCapabilities(capabilities: Capabilities): Promise<void> {
    this.capabilities = capabilities;
    return this.session.setCapabilities(securedCapabilities(capabilities, this.encryption));
  }

  /** @throws LegError by rejecting where media have to be encrypted and the peer does not take that */
  async open(request: ChannelRequest): Promise<LogicalChannel> {
    const { agreed, settings } = this.encryption;
    const algorithm = agreed && algorithmTaken(request.dataType, this.session.remoteCapabilities, agreed);
    const dataType = algorithm && encrypted(request.dataType, algorithm);
    if (dataType) return this.openSecure(request, dataType, new MediaKeys(agreed!, algorithm));
    if (settings.required) throw new LegError('h323-not-encrypted', 'The H.323 endpoint does not take these media encrypted.', 403, 57);
    return this.session.open(request);
  }

  adopt(channel: LogicalChannel): void {
    this.session.adopt(channel);
  }

  close(...args: Parameters<H245Session['close']>): Promise<void> {
    return this.session.close(...args);
  }

  requestMode(...args: Parameters<H245Session['requestMode']>): ReturnType<H245Session['requestMode']> {
    return this.session.requestMode(...args);
  }

  flowControl(...args: Parameters<H245Session['flowControl']>): void {
    this.session.flowControl(...args);
  }

  command(...args: Parameters<H245Session['command']>): void {
    this.session.command(...args);
  }

  sendUserInput(...args: Parameters<H245Session['sendUserInput']>): void {
    this.session.sendUserInput(...args);
  }

  sendGeneric(...args: Parameters<H245Session['sendGeneric']>): boolean {
    return this.session.sendGeneric(...args);
  }

  end(): Promise<void> {
    return this.session.end();
  }

  private async openSecure(request: ChannelRequest, dataType: h245.DataType, keys: MediaKeys): Promise<LogicalChannel> {
    const { payloadType, media } = request;
    const secure = await this.secured(request.dataType, payloadType, keys);
    const { relay } = secure;
    const created = this.status === 'master' ? keys.create(secure.wireType) : undefined;
    this.secure.set(dataType, secure);
    if (media) relay.setMediaServer(remoteOf(media));
    // A device behind a firewall sends its first keep-alive before its answer comes.
    if (this.device.firewall && !this.placed.has(relay)) relay.setDevice(remoteOf({ rtp: { host: this.device.host(), port: NO_PORT } }));
    const secret: ChannelRequest = {
      ...request, dataType, payloadType: secure.wireType, media: this.encryption.told(relay.ports.secure), parameters: renumbered(request.parameters, secure.wireType),
      ...(created && { encryptionSync: created.sync }),
    };
    const opened = await this.session.open(this.device.firewall?.opening(secret) ?? secret);
    const key = created?.key ?? keyIn(keys, opened.encryptionSync);
    if (!key) {
      void this.session.close(opened);
      throw new LegError('h323-not-encrypted', 'The H.323 endpoint gave no key for encrypted media, or none that can be read.', 403, 57);
    }
    secure.wireType = key.payloadType;
    relay.encryption = secure.cipher = new MediaCipher({ payloadType, key });
    relay.setDevice(remoteOf((this.device.firewall?.seen(opened) ?? opened).media));
    this.placed.add(relay);
    return this.clear(opened);
  }

  private requested(request: IncomingChannel): ChannelAnswer | Promise<ChannelAnswer> {
    const inner = decrypted(request.dataType);
    if (inner) return this.requestedSecure(request, inner);
    return 'h235Media' in request.dataType || this.encryption.settings.required ? REFUSED : this.handlers.channelRequested(request);
  }

  private async requestedSecure(request: IncomingChannel, { dataType, algorithm }: { dataType: h245.DataType; algorithm: MediaAlgorithm }): Promise<ChannelAnswer> {
    await this.encryption.settled;
    const { agreed } = this.encryption;
    if (!agreed || !algorithmsOf(agreed).includes(algorithm)) return REFUSED;
    const fixed = payloadTypeOf(dataType, undefined);
    const secure = await this.secured(dataType, fixed < FIRST_DYNAMIC ? fixed : request.payloadType, new MediaKeys(agreed, algorithm), request.payloadType);
    const { relay, keys, wireType, plain } = secure;
    const answer = await this.handlers.channelRequested({ ...request, dataType, payloadType: secure.payloadType, reports: plain.rtcp });
    if ('refuse' in answer) return answer;
    const created = this.status === 'master' ? keys.create(wireType) : undefined;
    const key = created?.key ?? keyIn(keys, request.encryptionSync);
    if (!key) return REFUSED;
    const { media, payloadType = secure.payloadType, ...more } = answer;
    Object.assign(secure, { payloadType, media, wireType: key.payloadType, cipher: new MediaCipher({ payloadType, key }) });
    this.secure.set(request.dataType, secure);
    relay.decryption = secure.cipher;
    relay.setMediaServer(remoteOf(media));
    if (!this.placed.has(relay)) relay.setDevice(this.senderOf(request));
    return { ...more, media: this.encryption.told(relay.ports.secure), payloadType: key.payloadType, ...(created && { encryptionSync: created.sync }) };
  }

  /** A device that only sends says no more than where it takes reports. */
  private senderOf({ reports }: IncomingChannel): RelayRemote {
    const host = reports && !this.device.firewall ? reports.host : this.device.host();
    return remoteOf(reports ? { rtp: { host, port: reports.port - 1 }, rtcp: { host, port: reports.port } } : { rtp: { host, port: NO_PORT } });
  }

  private async secured(dataType: h245.DataType, payloadType: number, keys: MediaKeys, wireType = payloadType): Promise<SecureChannel> {
    const relay = await this.relay(mediumOf(dataType)!);
    // Most calls have no keys.
    if (!this.over) this.refreshing ??= setInterval(() => this.refreshAll(), this.encryption.settings.refreshMs ?? REFRESH_MS).unref();
    return { dataType, payloadType, keys, relay, plain: this.encryption.told(relay.ports.plain), wireType: wireType < FIRST_DYNAMIC ? ENCRYPTED : wireType, renewed: 0 };
  }

  /** One for both directions of a medium. */
  private relay(medium: Medium): Promise<MediaRelay> {
    if (this.over) return Promise.reject(new LegError('h323-control-closed', 'The call is over.', 487, 16));
    const { host, ports } = this.encryption.settings;
    const found = this.relays.get(medium) ?? MediaRelay.open({ secure: { host, portRange: ports }, plain: { host, portRange: ports } });
    this.relays.set(medium, found);
    return found;
  }

  /** The channel as its user sees it. */
  private clear(channel: LogicalChannel): LogicalChannel {
    const secure = this.secure.get(channel.dataType);
    if (!secure) return this.device.firewall?.seen(channel) ?? channel;
    const { dataType, payloadType, plain, media = plain } = secure;
    return { ...channel, dataType, payloadType, media, ...(channel.direction === 'receive' && { reports: plain.rtcp }) };
  }

  /** What was told before the agreement holds no longer where media are encrypted. */
  private announceAnew(): void {
    const { capabilities, over } = this;
    if (over || !this.encryption.agreed || !capabilities || withoutEvents(capabilities) === capabilities) return;
    this.session.setCapabilities(securedCapabilities(capabilities, this.encryption)).catch(() => undefined);
  }

  private refreshAll(): void {
    if (this.status === 'master') for (const channel of this.session.channels) this.renew(channel);
  }

  /** As master: makes a new key. Packets under the old one and the new one are told apart by their numbers. */
  private renew(channel: LogicalChannel, wanted?: number): void {
    const secure = this.secure.get(channel.dataType);
    if (!secure?.cipher || secure.next) return;
    const { key, sync } = secure.keys.create(wanted !== undefined && wanted !== secure.wireType ? wanted : secure.wireType ^ 1);
    const { type } = updateCommand(channel.number, sync);
    secure.wireType = key.payloadType;
    secure.renewed = performance.now();
    if (channel.direction === 'receive') {
      this.session.command(channel, type, { slaveToMaster: null });
      secure.cipher.refresh(key);
    } else {
      secure.next = { key, timer: setTimeout(() => useNext(secure), SWITCH_MS).unref() };
      this.session.command(channel, type, { masterToSlave: null });
    }
  }

  /** Commands about keys; the direction is that of the channel (H.235.6 section 8.6.2). */
  private keyCommand({ number, type, direction }: MiscellaneousCommand): boolean {
    const find = (way: LogicalChannel['direction']): LogicalChannel | undefined => this.session.channels.find((channel) => channel.direction === way && channel.number === number);
    const update = updateIn(type);
    if ('encryptionUpdateAck' in type) {
      const sent = find('send');
      const secure = sent && this.secure.get(sent.dataType);
      if (secure?.next?.key.payloadType === type.encryptionUpdateAck.synchFlag) useNext(secure);
    } else if (!update) return false;
    else if ('sync' in update) {
      const channel = direction && 'slaveToMaster' in direction ? find('send') : find('receive') ?? find('send');
      if (channel && this.status === 'slave') this.takeKey(channel, update.sync);
    } else {
      const received = find('receive');
      const secure = received && this.secure.get(received.dataType);
      const { wanted = 0 } = update;
      if (secure && this.status === 'master' && performance.now() - secure.renewed > SWITCH_MS) this.renew(received, wanted >= FIRST_DYNAMIC && wanted <= 127 ? wanted : undefined);
    }
    return true;
  }

  /** As slave. A channel whose key cannot be read is of no use. */
  private takeKey(channel: LogicalChannel, sync: h245.EncryptionSync): void {
    const secure = this.secure.get(channel.dataType);
    if (!secure?.cipher) return;
    const key = keyIn(secure.keys, sync);
    if (!key) return void this.session.close(channel).catch(() => undefined);
    secure.cipher.refresh(key);
    if (channel.direction === 'receive') this.session.command(channel, { encryptionUpdateAck: { synchFlag: key.payloadType } }, { masterToSlave: null });
  }

  private stop(channel: LogicalChannel): void {
    const secure = this.secure.get(channel.dataType);
    if (!secure?.cipher) return;
    clearTimeout(secure.next?.timer);
    const { relay, cipher } = secure;
    if (relay.decryption === cipher) relay.decryption = undefined;
    if (relay.encryption === cipher) relay.encryption = undefined;
  }

  private stopAll(): void {
    this.over = true;
    clearInterval(this.refreshing);
    for (const relay of this.relays.values()) relay.then((opened) => opened.close(), () => undefined);
  }
}
