import dgram from 'node:dgram';
import { H235Error } from './errors';
import type { MediaCipher } from './media-cipher';

/** Greater packets come from no codec. */
const MAX_PACKET = 2048;
/** Packets of one socket that wait for the system; more are lost, as in a router. */
const MAX_UNSENT = 128;
const ATTEMPTS = 64;
const RTP_HEADER = 12;

export interface RelayAddress {
  address: string;
  port: number;
}

export interface RelaySide {
  /** Address of this machine that the ports are opened on. */
  host: string;
  /** Even ports for RTP, the next one for RTCP (RFC 3550 section 11), both within. Default 1024 to 65535. */
  portRange?: readonly [number, number];
}

export interface RelayRemote {
  rtp: RelayAddress;
  /** Default: the port above RTP's. */
  rtcp?: RelayAddress;
  /** Takes media from another port, and sends it there, where a device behind address translation has one; its address stays. Default false. */
  latch?: boolean;
}

export interface RelayCounters {
  decrypted: number;
  encrypted: number;
  rtcp: number;
  /** From elsewhere, of another payload type, not readable, too great, or more than the network took. */
  dropped: number;
}

export interface RelayOptions {
  /** Towards the device that encrypts. */
  secure: RelaySide;
  /** Towards the media server. */
  plain: RelaySide;
}

/**
 * Between a channel pair of H.235.6 and plain RTP: what comes from the device is decrypted for the media server, and the other
 * way about. RTCP passes as it is. A device that has sent nothing that can be read is found by its keep-alives, RTP headers without
 * payload (H.460.19). Until a side's remote and cipher are set, its packets are dropped.
 */
export class MediaRelay {
  readonly counters: RelayCounters = { decrypted: 0, encrypted: 0, rtcp: 0, dropped: 0 };
  /** From the device; change it at any time. */
  decryption: MediaCipher | undefined;
  /** To the device. */
  encryption: MediaCipher | undefined;

  private constructor(private readonly secure: End, private readonly plain: End) {
    secure.listen((packet) => this.pass(this.decryption?.decrypt(packet), 'decrypted', plain), (packet) => this.control(packet, plain), () => this.drop());
    plain.listen((packet) => this.pass(this.encryption?.encrypt(packet), 'encrypted', secure), (packet) => this.control(packet, secure), () => this.drop());
  }

  /** Opens two ports on each side; H235Error `h235-ports` when there are none. */
  static async open({ secure, plain }: RelayOptions): Promise<MediaRelay> {
    const first = await End.open(secure);
    try {
      return new MediaRelay(first, await End.open(plain));
    } catch (error) {
      first.close();
      throw error;
    }
  }

  /** RTP ports of this machine. */
  get ports(): { secure: number; plain: number } {
    return { secure: this.secure.port, plain: this.plain.port };
  }

  /** Where the device receives (mediaChannel and mediaControlChannel of H.245). */
  setDevice(remote: RelayRemote): void {
    this.secure.remote = remote;
  }

  /** Where the media server receives. */
  setMediaServer(remote: RelayRemote): void {
    this.plain.remote = remote;
  }

  close(): void {
    this.secure.close();
    this.plain.close();
  }

  private pass(packet: Buffer | undefined, counter: 'decrypted' | 'encrypted', to: End): boolean {
    if (!packet || !to.sendRtp(packet)) return this.drop();
    this.counters[counter]++;
    return true;
  }

  private control(packet: Buffer, to: End): boolean {
    if (!to.sendRtcp(packet)) return this.drop();
    this.counters.rtcp++;
    return true;
  }

  private drop(): false {
    this.counters.dropped++;
    return false;
  }
}

/** A pair of sockets and who is at the other end. */
class End {
  private unsent = 0;
  private current: { rtp: RelayAddress; rtcp: RelayAddress; latch: boolean } | undefined;
  /** Where the last keep-alive came from, and whether more than those has come since the remote was set. */
  private alive: RelayAddress | undefined;
  private proven = false;
  private open = true;

  private constructor(private readonly rtp: dgram.Socket, private readonly rtcp: dgram.Socket) {
    // The other end may be gone for a while; that shows as silence.
    for (const socket of [rtp, rtcp]) socket.on('error', () => undefined);
  }

  static async open({ host, portRange: [least, greatest] = [1024, 65_535] }: RelaySide): Promise<End> {
    const [first, count] = [Math.ceil(least / 2) * 2, Math.floor((greatest - Math.ceil(least / 2) * 2 + 1) / 2)];
    if (count < 1) throw new H235Error('h235-ports', `There is no pair of ports within ${least}-${greatest}`);
    const start = Math.floor(Math.random() * count);
    for (let i = 0; i < Math.min(count, ATTEMPTS); i++) {
      const port = first + 2 * ((start + i) % count);
      const rtp = await bound(host, port);
      const rtcp = rtp && await bound(host, port + 1);
      if (rtp && rtcp) return new End(rtp, rtcp);
      rtp?.close();
    }
    throw new H235Error('h235-ports', `No pair of free ports was found within ${least}-${greatest} of ${host}`, { hint: 'Widen the range of media ports, or see what holds them.' });
  }

  get port(): number {
    return this.rtp.address().port;
  }

  set remote({ rtp, rtcp = { address: rtp.address, port: rtp.port + 1 }, latch = false }: RelayRemote) {
    this.current = { rtp: latch && this.alive?.address === rtp.address ? this.alive : rtp, rtcp, latch };
    this.proven = false;
  }

  /** `takeRtp` and `takeRtcp` say whether the packet was a good one. */
  listen(takeRtp: (packet: Buffer) => boolean, takeRtcp: (packet: Buffer) => boolean, dropped: () => void): void {
    for (const [socket, kind, take] of [[this.rtp, 'rtp', takeRtp], [this.rtcp, 'rtcp', takeRtcp]] as const) {
      socket.on('message', (packet, { address, port }) => {
        const known = this.current?.[kind];
        const expected = known !== undefined && address === known.address && (port === known.port || this.current!.latch);
        if (!expected || packet.length > MAX_PACKET) return dropped();
        const isGood = take(packet);
        const isKeepAlive = kind === 'rtp' && packet.length === RTP_HEADER && this.current!.latch;
        if (isGood && kind === 'rtp') this.proven = true;
        if (isKeepAlive) this.alive = { address, port };
        if ((isGood || (isKeepAlive && !this.proven)) && port !== known.port) this.current![kind] = { address, port };
      });
    }
  }

  sendRtp(packet: Buffer): boolean {
    return this.send(this.rtp, packet, this.current?.rtp);
  }

  sendRtcp(packet: Buffer): boolean {
    return this.send(this.rtcp, packet, this.current?.rtcp);
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.rtp.close();
    this.rtcp.close();
  }

  private send(socket: dgram.Socket, packet: Buffer, to: RelayAddress | undefined): boolean {
    if (!to || !this.open || this.unsent >= MAX_UNSENT) return false;
    this.unsent++;
    socket.send(packet, to.port, to.address, () => { this.unsent--; });
    return true;
  }
}

function bound(host: string, port: number): Promise<dgram.Socket | undefined> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind(port, host, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
