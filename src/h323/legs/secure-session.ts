import type { MediaAddress } from '../contracts';
import { decrypted, encrypted, H235Error, MediaCipher, MediaKeys, MediaRelay, updateCommand, updateIn, type MediaAlgorithm, type MediaKey } from '../h235';
import {
  H245Session, payloadTypeOf, type Capabilities, type ChannelAnswer, type ChannelRequest, type H245Handlers, type H245Options, type IncomingChannel, type LogicalChannel,
  type MiscellaneousCommand,
} from '../h245';
import type { HostPort } from '../ras';
import type { h245 } from '../schemas';
import { mediumOf, type Medium } from '../sdp';
import type { CallEncryption } from './encryption';
import { LegError } from './errors';
import { algorithmTaken, securedCapabilities, withoutEvents } from './secure-capabilities';

/** What a leg does with the control channel of its call, whether media are encrypted or not. */
export type MediaSession = Pick<H245Session,
  'channels' | 'remoteCapabilities' | 'status' | 'start' | 'setCapabilities' | 'open' | 'adopt' | 'close' | 'flowControl' | 'command' | 'sendUserInput' | 'sendGeneric' | 'end'>;

/** Payload type of encrypted packets of a codec that has a fixed one: those numbers are for what is clear. */
const ENCRYPTED = 118;
const FIRST_DYNAMIC = 96;
const REFRESH_MS = 3_600_000;
/** A new key for what this side sends is used when the peer has it; it says so, or had time for it. */
const SWITCH_MS = 1_000;
/** Where a device is that has not said where it receives (discard). */
const NO_PORT = 9;

/** One encrypted channel: what it is without encryption, and by what it goes. */
interface SecureChannel {
  dataType: h245.DataType;
  payloadType: number;
  relay: MediaRelay;
  keys: MediaKeys;
  /** Where the party receives what the peer sends. */
  media?: MediaAddress;
  cipher?: MediaCipher;
  /** Payload type of the packets under the last key. */
  wireType: number;
  /** The next key of a channel of this side's. */
  next?: { key: MediaKey; timer: NodeJS.Timeout };
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
  private readonly refreshing: NodeJS.Timeout;
  private capabilities: Capabilities | undefined;
  private over = false;

  /** `device`: the other end of the call, from where media may come before it says where it receives. */
  constructor(options: H245Options, private readonly encryption: CallEncryption, private readonly device: () => string) {
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
        miscellaneousCommand: (command) => { if (!this.keyCommand(command)) handlers.miscellaneousCommand?.(command); },
        ended: (by) => {
          this.close_();
          handlers.ended(by);
        },
      },
    });
    this.refreshing = setInterval(() => this.refreshAll(), encryption.settings.refreshMs ?? REFRESH_MS).unref();
    void encryption.settled.then(() => this.announceAnew());
  }

  get channels(): LogicalChannel[] {
    return this.session.channels.map((channel) => this.clear(channel));
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
    if (settings.required) throw new LegError('h323-not-encrypted', 'The H.323 endpoint does not take these media encrypted.', 488, 57);
    return this.session.open(request);
  }

  adopt(channel: LogicalChannel): void {
    this.session.adopt(channel);
  }

  close(...args: Parameters<H245Session['close']>): Promise<void> {
    return this.session.close(...args);
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
}
