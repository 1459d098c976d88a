import dgram from 'node:dgram';
import net from 'node:net';

/** What a phone of bytes sends and receives over: messages as text, whole. */
export interface Wire {
  /** Own port. */
  port: number;
  write(text: string | Buffer): void;
  connected(): boolean;
  close(): Promise<void>;
}

/** A UDP socket of its own address. */
export async function openUdp(host: string, port: number, from: string, receive: (text: string) => void): Promise<Wire> {
  const socket = dgram.createSocket('udp4');
  socket.on('message', (bytes) => receive(bytes.toString('utf8')));
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.bind(0, from, resolve));
  let open = true;
  return {
    port: socket.address().port,
    write: (text) => { if (open) socket.send(text, port, host); },
    connected: () => open,
    close: () => new Promise((resolve) => { open = false; socket.close(() => resolve()); }),
  };
}

/** A TCP connection from its own address; nothing listens beside it. */
export async function openTcp(host: string, port: number, from: string, receive: (text: string) => void): Promise<Wire> {
  const socket = net.connect({ host, port, localAddress: from });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.on('error', () => undefined);
  let buffered = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    buffered = Buffer.concat([buffered, bytes]);
    for (;;) {
      const head = buffered.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/^content-length:\s*(\d+)/im.exec(buffered.toString('latin1', 0, head))?.[1] ?? 0);
      if (buffered.length < head + 4 + length) return;
      receive(buffered.toString('utf8', 0, head + 4 + length));
      buffered = buffered.subarray(head + 4 + length);
    }
  });
  return {
    port: socket.localPort as number,
    write: (text) => { socket.write(text); },
    connected: () => !socket.destroyed && socket.readyState === 'open',
    close: () => new Promise((resolve) => { if (socket.destroyed) resolve(); else socket.once('close', () => resolve()).destroy(); }),
  };
}
