import dgram from 'node:dgram';
import { freePorts } from './ports';

export interface Impairment {
  /** Probabilities, 0 to 1, of each packet. */
  loss: number;
  duplicate: number;
  reorder: number;
}

export interface LossyLink {
  /** Local SIP port on 127.0.0.1 that the phone sends to instead of the server's. */
  readonly port: number;
  readonly counters: { passed: number; lost: number; duplicated: number; reordered: number };
  close(): Promise<void>;
}

/** How long a reordered packet is held back: two or three packets of 20 ms pass it. */
const HELD_MS = 50;
const SEED = 20_261_122;
const MAX_LINES = 8;

/**
 * A bad network between one phone and a SIP server, for calls that the phone makes over UDP: SIP passes whole, with the media
 * addresses in it replaced by its own (as a home router's SIP ALG does), and what comes there is lost, doubled and reordered
 * in both directions. Chance is seeded, so that each run has the same.
 */
export async function startLossyLink(server: string, impairment: Impairment): Promise<LossyLink> {
  const counters = { passed: 0, lost: 0, duplicated: 0, reordered: 0 };
  const chance = seeded(SEED);
  let closed = false;
  const sockets: dgram.Socket[] = [];
  const open = async (port: number): Promise<dgram.Socket> => {
    const socket = dgram.createSocket('udp4');
    sockets.push(socket);
    await new Promise<void>((resolve, reject) => socket.once('error', reject).bind(port, '127.0.0.1', resolve));
    socket.on('error', () => undefined);
    return socket;
  };
  const impair = (pass: () => void): void => {
    if (chance() < impairment.loss) {
      counters.lost++;
      return;
    }
    counters.passed++;
    if (chance() < impairment.duplicate) {
      counters.duplicated++;
      pass();
    }
    if (chance() < impairment.reorder) {
      counters.reordered++;
      setTimeout(pass, HELD_MS).unref();
    } else {
      pass();
    }
  };

  const [serverHost = '', serverPort] = server.split(':');
  const first = await freePorts(2 + 4 * MAX_LINES);
  const near = await open(first);
  const far = await open(first + 1);
  let phone: dgram.RemoteInfo | undefined;
  // Each media line has, on either side, a port for RTP and the next one for RTCP; `reached` is where the other side is.
  const reached = { near: new Map<number, number>(), far: new Map<number, number>() };
  const portOf = (side: 'near' | 'far', line: number): number => first + 2 + line * 4 + (side === 'near' ? 0 : 2);
  for (let line = 0; line < MAX_LINES; line++) {
    for (const offset of [0, 1]) {
      const toPhone = await open(portOf('near', line) + offset);
      const toServer = await open(portOf('far', line) + offset);
      const relay = (from: dgram.Socket, by: dgram.Socket, to: Map<number, number>, host: () => string): void => {
        from.on('message', (packet) => {
          const port = to.get(line);
          if (port !== undefined) impair(() => { if (!closed) by.send(packet, port + offset, host(), () => undefined); });
        });
      };
      relay(toPhone, toServer, reached.far, () => serverHost);
      relay(toServer, toPhone, reached.near, () => '127.0.0.1');
    }
  }
  near.on('message', (packet, from) => {
    phone = from;
    far.send(rewrite(packet, (line, port) => { reached.near.set(line, port); return portOf('far', line); }), Number(serverPort), serverHost);
  });
  far.on('message', (packet) => {
    if (phone) near.send(rewrite(packet, (line, port) => { reached.far.set(line, port); return portOf('near', line); }), phone.port, phone.address);
  });
  return {
    port: first, counters,
    close: async () => {
      closed = true;
      for (const socket of sockets) await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}

/** Replaces the media addresses of a SIP message's description; other messages pass as they are. */
function rewrite(packet: Buffer, replace: (line: number, port: number) => number): Buffer {
  const [head = '', body = ''] = packet.toString('latin1').split(/\r\n\r\n([^]*)/);
  if (!/^content-type:\s*application\/sdp/im.test(head) || body === '') return packet;
  let line = -1;
  const lines = body.split('\r\n').filter((each) => !each.startsWith('a=rtcp:')).map((each) => {
    if (each.startsWith('c=')) return 'c=IN IP4 127.0.0.1';
    const media = /^m=(\w+) (\d+) (.*)$/.exec(each);
    if (!media) return each;
    line++;
    return media[2] === '0' ? each : `m=${media[1]} ${replace(line, Number(media[2]))} ${media[3]}`;
  });
  const rewritten = lines.join('\r\n');
  return Buffer.from(`${head.replace(/^content-length:.*$/im, `Content-Length: ${rewritten.length}`)}\r\n\r\n${rewritten}`, 'latin1');
}

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
