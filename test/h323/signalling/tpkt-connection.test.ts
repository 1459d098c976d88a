import { once } from 'node:events';
import net from 'node:net';
import { systemClock } from '../../../src/h323/clock';
import { TpktFramer } from '../../../src/h323/q931';
import { TpktConnection } from '../../../src/h323/signalling/tpkt-connection';

/** A connection, and all that arrives at its other end until that is closed. */
async function connected(): Promise<{ connection: TpktConnection; arrived: Promise<string[]> }> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  const [[peer]] = await Promise.all([once(server, 'connection') as Promise<[net.Socket]>, once(socket, 'connect')]);
  server.close();
  const framer = new TpktFramer();
  const payloads: string[] = [];
  peer.on('data', (chunk: Buffer) => payloads.push(...framer.push(chunk).map(String)));
  const connection = new TpktConnection(socket, { clock: systemClock, packetMs: 10_000 }, { received: () => undefined, closed: () => undefined });
  return { connection, arrived: once(peer, 'close').then(() => payloads) };
}

describe.each([['ended', 'end'], ['destroyed', 'destroy']] as const)('a connection that is %s', (_name, finish) => {
  test('has sent what it was given in the same turn, in order', async () => {
    const { connection, arrived } = await connected();
    for (const payload of ['one', 'two', 'three']) connection.send(Buffer.from(payload));
    connection[finish]();
    expect(await arrived).toEqual(['one', 'two', 'three']);
  });
});

test('messages of several turns arrive in order', async () => {
  const { connection, arrived } = await connected();
  connection.send(Buffer.from('one'));
  connection.send(Buffer.from('two'));
  await new Promise(setImmediate);
  connection.send(Buffer.from('three'));
  await new Promise(setImmediate);
  connection.end();
  expect(await arrived).toEqual(['one', 'two', 'three']);
});
