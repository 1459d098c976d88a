import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { AnchoredGateway } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { random } from '../../support/random';
import { READY } from '../../support/ready';
import { registeredPhone } from '../../support/registered-phone';
import { PASSWORD } from '../../support/test-gateway';
import { Child, freePorts, until } from '../harness';
import { phoneSdp } from '../harness/raw-phone';
import { openUdp, type Wire } from '../harness/raw-wire';
import { parseText, statusOf, tagOf, uriOf, valueOf, writeText, type SipText } from '../harness/sip-text';

jest.setTimeout(90_000);

const AGENT = 'agent@kela.kunta.example';
const CALLS = 60;
/** One in so many callers waits for the answer. */
const PATIENT = 4;
/** Longer than an anchored call takes to be set up when nobody lets it ring. */
const LONGEST_MS = 40;

interface Status {
  calls: { running: number };
  media: { used: number; servers: { state: string; ready: number }[]; embedded?: { sessions: number } };
}

/** A partner's system that gives its calls up when it likes. */
class Impatient {
  readonly results = new Map<string, number>();
  private wire!: Wire;

  constructor(private readonly service: string) {}

  static async open(server: string, service: string): Promise<Impatient> {
    const [host = '', port = ''] = server.split(':');
    const one = new Impatient(service);
    one.wire = await openUdp(host, Number(port), '127.0.0.1', (text) => one.receive(parseText(text)));
    return one;
  }

  /** Calls; the result follows in `results`. What is returned cancels it. */
  call(): () => void {
    const id = randomUUID();
    this.write('INVITE', `sip:${this.service}`, id, '', phoneSdp());
    return () => { if (!this.results.has(id)) this.write('CANCEL', `sip:${this.service}`, id); };
  }

  close(): Promise<void> {
    return this.wire.close();
  }

  private receive(message: SipText): void {
    const [status, id, to] = [statusOf(message), valueOf(message, 'Call-ID'), valueOf(message, 'To')];
    if (status === 0) return this.wire.write(writeText('SIP/2.0 200 OK', message.headers.filter(([name]) => /^(via|from|to|call-id|cseq)$/i.test(name))));
    if (status < 200 || !/INVITE/.test(valueOf(message, 'CSeq'))) return;
    const target = status < 300 ? uriOf(valueOf(message, 'Contact')) : `sip:${this.service}`;
    this.write('ACK', target, id, tagOf(to), '', status < 300 ? 'ack' : 'invite');
    if (status < 300 && !this.results.has(id)) this.write('BYE', target, id, tagOf(to));
    this.results.set(id, status);
  }

  private write(method: string, target: string, id: string, toTag = '', body = '', branch = method === 'CANCEL' ? 'invite' : method.toLowerCase()): void {
    this.wire.write(writeText(`${method} ${target} SIP/2.0`, [
      ['Via', `SIP/2.0/UDP 127.0.0.1:${this.wire.port};branch=z9hG4bK-${branch}-${id}`], ['Max-Forwards', '70'], ['From', '<sip:someone@partner.example>;tag=1'],
      ['To', `<sip:${this.service}>${toTag && `;tag=${toTag}`}`], ['Call-ID', id], ['CSeq', `${method === 'BYE' ? 2 : 1} ${method}`],
      ['Contact', `<sip:someone@127.0.0.1:${this.wire.port}>`],
    ], body));
  }
}

async function gateway(env: Record<string, string> = {}) {
  const anchored = await AnchoredGateway.start({ ETASILTA_CALLS_LINES_PER_DEVICE: '100', ETASILTA_SIP_PEERS: JSON.stringify([{ name: 'partner', addresses: ['127.0.0.1'] }]), ...env });
  const service = await anchored.device(AGENT, 'kela');
  const agent = await registeredPhone(anchored.gateway, AGENT);
  const partner = await Impatient.open(anchored.gateway.address('udp'), service);
  const operator = new Operator(anchored.gateway.dataDir);
  return {
    agent, partner, service, status: () => operator.status<Status>(),
    stop: async () => {
      await Promise.all([agent.close(), partner.close()]);
      await anchored.stop();
    },
  };
}

/** Calls that are given up at any moment of their set-up, which differs from call to call, and some that are not. */
async function giveUp({ partner }: Awaited<ReturnType<typeof gateway>>): Promise<void> {
  const chance = random(7);
  for (let i = 0; i < CALLS; i++) {
    const cancel = partner.call();
    await new Promise((resolve) => setTimeout(resolve, chance() * LONGEST_MS));
    if (i % PATIENT > 0) cancel();
  }
}

test('callers who give up at any moment of the set-up leave no call, no session and no endpoint', async () => {
  const all = await gateway();
  try {
    await giveUp(all);
    await until('every call has its end', () => all.partner.results.size === CALLS, 30_000);
    expect(new Set(all.partner.results.values())).toEqual(new Set([200, 487]));
    await until('nothing is left but what is kept ready', async () => {
      const { calls, media: { used, servers: [server], embedded } } = await all.status();
      return calls.running === 0 && used === 0 && server?.ready === READY && (embedded === undefined || embedded.sessions === READY);
    }, 40_000);
    await until('the agent is free', () => all.agent.calls.every(({ state }) => state !== 'ringing' && state !== 'talking'));
  } finally {
    await all.stop();
  }
});

test('a media server killed amid calls in every state: each ends, and none is left', async () => {
  const program = path.resolve(__dirname, '../../../dist/main.js');
  const port = await freePorts(202);
  const mediaServer = (): Child => new Child(process.execPath, [program, 'media-server', '--esl', `127.0.0.1:${port}`, '--password', PASSWORD, '--sip', `127.0.0.1:${port + 1}`, '--rtp', `${port + 2}-${port + 201}`]);
  let server = mediaServer();
  const all = await gateway({ ETASILTA_MEDIA_ENGINE: 'freeswitch', ETASILTA_MEDIA_SERVERS: JSON.stringify([{ host: '127.0.0.1', port, password: PASSWORD }]) });
  const ready = (): Promise<unknown> => until('the media server has offers ready', async () => (await all.status()).media.servers[0]?.ready === READY, 30_000);
  try {
    await ready();
    const killed = setTimeout(() => server.signal('SIGKILL'), (CALLS * LONGEST_MS) / 4);
    await giveUp(all);
    clearTimeout(killed);
    await until('every call has its end', () => all.partner.results.size === CALLS, 60_000);
    expect(new Set(all.partner.results.values())).toEqual(new Set([200, 487, 503]));
    await until('no call is left', async () => (await all.status()).calls.running === 0);
    await server.stop();
    server = mediaServer();
    await ready();
    expect((await all.status()).media).toMatchObject({ used: 0 });
  } finally {
    await all.stop();
    await server.stop();
  }
});
