import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { Command } from 'commander';
import type { CliContext } from '../../src/cli/context';
import { register } from '../../src/cli/h323';
import { encode } from '../../src/h323/per';
import { encodeCallSignalling, encodeTpkt } from '../../src/h323/q931';
import { decode, type Json } from '../../src/h323/per';
import { h225 } from '../../src/h323/schemas';
import { CORPUS, SCHEMAS } from './support/corpus';
import { writePcap } from './support/pcap';

interface Shown {
  frame?: number;
  source?: string;
  layers: { layer: string; value?: Json; error?: string }[];
}

/** Runs one command line; what it prints as data, as text, and line by line. */
async function run(args: string[], stdin = ''): Promise<{ data: Shown[]; text: string; lines: string[] }> {
  const result = { data: [] as Shown[], text: '', lines: [] as string[] };
  const context = {
    print(data: unknown, text: () => string) {
      result.data = JSON.parse(JSON.stringify(data)) as Shown[];
      result.text += text();
    },
    note: () => undefined, progress: () => undefined, json: false, stdin: Readable.from([stdin]),
  } as unknown as CliContext;
  let written = '';
  const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written += String(chunk);
    return true;
  });
  try {
    const program = new Command().exitOverride();
    register(program, context);
    await program.parseAsync(['h323', ...args], { from: 'user' });
  } finally {
    stdout.mockRestore();
  }
  result.lines = written.split('\n').filter((line) => line !== '');
  return result;
}

test('decode and encode answer line by line, and what one writes the other reads', async () => {
  const decoded = await run(['decode'], CORPUS.map(({ kind, octets }) => `${kind} ${octets.toString('hex')}`).join('\n'));
  expect(decoded.lines).toHaveLength(CORPUS.length);
  const encoded = await run(['encode'], decoded.lines.map((json, index) => `${CORPUS[index]!.kind} ${json}`).join('\n'));
  expect(encoded.lines).toEqual(CORPUS.map(({ kind, octets }) => encode(SCHEMAS[kind], decode(SCHEMAS[kind], octets)).toString('hex')));
});

test('a line that is wrong gets an error as its answer, with the path, and the next line its own', async () => {
  const { lines } = await run(['decode'], 'ras 1c0004\nras 1c\nras zz\nsip 00\nras 1c0005');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { unregistrationConfirm: { requestSeqNum: 5 } },
    { error: 'per-truncated', path: 'unregistrationConfirm.requestSeqNum', message: expect.any(String) },
    { error: 'hex', message: expect.any(String) },
    { error: 'line', message: 'a line is ras|cs|h245 and a PDU' },
    { unregistrationConfirm: { requestSeqNum: 6 } },
  ]);
  const encoded = await run(['encode'], 'ras {"unregistrationConfirm":{"requestSeqNum":0}}\nras {"unregistrationConfirm":{"requestSeqNumber":5}}\nras {');
  expect(encoded.lines.map((line) => (JSON.parse(line) as { error: string }).error)).toEqual(['per-value', 'per-value', 'json']);
});

describe('decode of one PDU', () => {
  const pdu = CORPUS.find(({ kind, message }) => kind === 'cs' && message === 'setup')!;
  const userInformation = decode(h225.H323UserInformation, pdu.octets);
  const message = encodeCallSignalling({ q931: { callReference: 7, fromDestination: false, type: 'setup', display: 'EX90' }, userInformation });

  test.each([['TPKT', encodeTpkt(message), ['tpkt', 'q931', 'cs']], ['Q.931', message, ['q931', 'cs']], ['PER', pdu.octets, ['cs']]])('finds the layers of %s', async (_, octets, layers) => {
    const { data, text } = await run(['decode', octets.toString('hex')]);
    expect(data[0]!.layers.map(({ layer }) => layer)).toEqual(layers);
    expect(text).toContain('conferenceGoal: create');
  });

  test.each(['ras', 'cs', 'h245'] as const)('tells the kind of %s PDUs', async (kind) => {
    for (const { octets } of CORPUS.filter((recorded) => recorded.kind === kind && recorded.reencodes === 'identically')) {
      expect((await run(['decode', octets.toString('hex')])).data[0]!.layers[0]).toMatchObject({ layer: kind });
    }
  });

  test('takes it for the kind that is named, and refuses what is not one', async () => {
    expect((await run(['decode', '--as', 'h245', '01 00 3c 80 30 31 2c'])).data[0]!.layers[0]!.value)
      .toEqual({ request: { masterSlaveDetermination: { terminalType: 60, statusDeterminationNumber: 3_158_316 } } });
    await expect(run(['decode', '--as', 'q931', '00'])).rejects.toMatchObject({ code: 'usage' });
    await expect(run(['decode', 'no-such-file'])).rejects.toMatchObject({ code: 'usage' });
    await expect(run(['decode', 'ffff'])).rejects.toMatchObject({ code: 'undecodable' });
  });
});

describe('decode of a capture', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-h323-'));
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
  const ras = CORPUS.find(({ kind }) => kind === 'ras')!;
  const setup = CORPUS.find(({ kind, message }) => kind === 'cs' && message === 'setup')!;
  const control = CORPUS.find(({ kind }) => kind === 'h245')!;
  const signalling = encodeTpkt(encodeCallSignalling({
    q931: { callReference: 7, fromDestination: false, type: 'setup' },
    userInformation: (() => {
      const value = decode(h225.H323UserInformation, setup.octets);
      value['h323-uu-pdu'].h245Control = [control.octets];
      return value;
    })(),
  }));

  test('prints RAS, call signalling with what it tunnels, and H.245 in its own connection', async () => {
    const file = path.join(folder, 'call.pcap');
    fs.writeFileSync(file, writePcap([
      { transport: 'udp', sourcePort: 40_000, destinationPort: 1719, payload: ras.octets },
      { transport: 'tcp', sourcePort: 40_001, destinationPort: 1720, payload: Buffer.concat([signalling, signalling]) },
      { transport: 'tcp', sourcePort: 40_002, destinationPort: 12_345, payload: encodeTpkt(control.octets) },
      { transport: 'udp', sourcePort: 5060, destinationPort: 5060, payload: Buffer.from('OPTIONS sip:a SIP/2.0') },
      { transport: 'tcp', sourcePort: 40_003, destinationPort: 1720, payload: Buffer.from('GET / HTTP/1.0\r\n\r\n') },
    ]));
    const { data, text } = await run(['decode', file]);
    expect(data.map(({ frame, layers }) => [frame, ...layers.map(({ layer, error }) => (error ? `${layer}!` : layer))])).toEqual([
      [1, 'ras'], [2, 'tpkt', 'q931', 'cs', 'h245'], [2, 'tpkt', 'q931', 'cs', 'h245'], [3, 'tpkt', 'h245'], [5, 'tpkt!'],
    ]);
    expect(text).toContain('frame 2  192.0.2.1:40001 -> 192.0.2.2:1720');
  });

  test('says what kind of file it cannot read', async () => {
    const file = path.join(folder, 'broken.pcapng');
    fs.writeFileSync(file, Buffer.from('0a0d0d0a05000000', 'hex').subarray(0, 8));
    await expect(run(['decode', file])).resolves.toMatchObject({ data: [] });
    fs.writeFileSync(file, Buffer.concat([Buffer.from('0a0d0d0a050000004d3c2b1a', 'hex'), Buffer.alloc(32)]));
    await expect(run(['decode', file])).rejects.toMatchObject({ code: 'capture-invalid' });
  });
});
