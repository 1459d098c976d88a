import dgram from 'node:dgram';

const RTP_HEADER = 12;

/** An RTP packet as it goes out, with the hosts that it goes from and to. */
export interface SentPacket {
  packet: Buffer;
  from: string;
  to: string;
  /** Port that it goes to. */
  port: number;
}

let spy: jest.SpyInstance | undefined;

/** The RTP that this process sends over UDP from now on, until `untapWire` or the end of the test. */
export function tapWire(): SentPacket[] {
  const packets: SentPacket[] = [];
  const { send } = dgram.Socket.prototype;
  spy = jest.spyOn(dgram.Socket.prototype, 'send').mockImplementation(function (this: dgram.Socket, ...args: unknown[]) {
    const [packet, port, to] = args as [Buffer, number, string];
    if (packet.length > RTP_HEADER) packets.push({ packet: Buffer.from(packet), from: this.address().address, to, port });
    return Reflect.apply(send, this, args) as never;
  });
  return packets;
}

export function untapWire(): void {
  spy?.mockRestore();
}

// However a test ends: a tap in place would copy all that those behind it send.
afterEach(untapWire);
