import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import { H245Session } from '../../../src/h323/h245';
import { placeCall, serveSignalling, type CallRequest, type IncomingCall, type OutgoingCall, type SignallingCall, type SignallingServer, type SignallingTimers } from '../../../src/h323/signalling';
import { until } from '../../peers/harness';
import { ownAddress } from '../../support/own-address';
import { Asterisk, asteriskMissing } from '../support/asterisk';
import { CAPABILITIES, ULAW } from '../h245/support/party';
import { acceptAudio, callTo, endpoint, Listener, proposeAudio, recorder } from './support';

const OURS = ownAddress(1);
const THEIRS = ownAddress(4);
const missing = asteriskMissing();

const ORIGINATE_TRIES = 3;
/** More than its Dial takes, which is 20 s. */
const ORIGINATE_LIMIT_MS = 25_000;
/** Of a test in which Asterisk dials. */
const DIALLED_LIMIT_MS = ORIGINATE_TRIES * ORIGINATE_LIMIT_MS + 40_000;

interface Placed {
  call: OutgoingCall;
  log: string[];
  control: Listener;
}

(missing === undefined ? describe : describe.skip).each([
  ['fast start, tunnelled H.245', { fastStart: true, tunnelling: true }],
  ['fast start, H.245 in a connection of its own', { fastStart: true, tunnelling: false }],
  ['slow start, tunnelled H.245', { fastStart: false, tunnelling: true }],
  ['slow start, H.245 in a connection of its own', { fastStart: false, tunnelling: false }],
])(`Asterisk's chan_ooh323, %s${missing === undefined ? '' : ` (${missing})`}`, (_, how) => {
  const faults: Error[] = [];
  let asterisk: Asterisk;
  let server: SignallingServer;
  let media: dgram.Socket;
  let packets = 0;
  let answer: (call: IncomingCall) => void = (call) => call.release();

  beforeAll(async () => {
    media = dgram.createSocket('udp4').on('message', () => packets++);
    await new Promise<void>((bound) => media.bind(0, OURS, bound));
    server = await serveSignalling({ host: OURS, port: 0, ...endpoint(faults, { tunnelling: how.tunnelling }) }, (call) => answer(call));
    asterisk = await Asterisk.start({ address: THEIRS, h323Id: 'north', e164: '100', peer: { host: OURS, port: server.port }, ...how });
  }, 60_000);

  afterAll(async () => {
    await asterisk?.stop();
    await server?.close();
    media?.close();
    expect(faults).toEqual([]);
  }, 30_000);

  function dial(number: string, more: Partial<CallRequest> = {}, timers: Partial<SignallingTimers> = {}, listening = true): Placed {
    const { log, events } = recorder();
    const call = placeCall(callTo(1720, {
      address: { host: THEIRS, port: 1720 }, from: OURS, destination: { aliases: [{ dialledDigits: number }], number },
      ...(how.fastStart && { fastStart: proposeAudio(OURS, media.address().port) }), ...more,
    }), endpoint(faults, { timers }), events);
    const control = new Listener();
    if (listening) call.control.attach(control);
    return { call, log, control };
  }

  const ended = (): Promise<true> => until('Asterisk has no channel', async () => /0 active channels/.test(await asterisk.command('core show channels')) || undefined, 20_000);
  const accepted = how.fastStart ? ' fastStart 2' : '';

  /** The procedures of H.245 in a call; with slow start they open channels both ways. */
  function converse(call: SignallingCall): string[] {
    const told: string[] = [];
    const rtp = { host: OURS, port: media.address().port };
    const session: H245Session = new H245Session({ control: call.control, terminalType: 60, random: randomBytes, handlers: {
      ready: (status) => {
        told.push(`ready ${status}`);
        if (!how.fastStart) session.open({ sessionId: 1, dataType: ULAW, payloadType: 0, media: { rtp } }).catch((error: Error) => told.push(error.message));
      },
      remoteCapabilities: () => told.push('capabilities'), channelRequested: () => ({ media: { rtp } }), channelOpened: ({ direction }) => told.push(`opened ${direction}`),
      channelClosed: ({ direction }) => told.push(`closed ${direction}`), failed: (error) => told.push(error.message), ended: (by) => told.push(`ended ${by}`),
    } });
    session.start(CAPABILITIES);
    return told;
  }

  test('answers, and sound comes; H.245 settles capabilities and master, and with slow start the channels', async () => {
    packets = 0;
    const { call, log } = dial('100', {}, {}, false);
    const told = converse(call);
    await until('H.245 is ready', () => told.some((line) => line.startsWith('ready')), 15_000);
    if (!how.fastStart) await until('channels are open both ways', () => told.includes('opened send') && told.includes('opened receive'), 15_000);
    await until('RTP comes', () => packets > 10, 15_000);
    await until('connected', () => log.includes('connected north'), 15_000);
    call.release();
    await ended();
    expect(told.at(-1)).toBe('ended closed');
  }, 40_000);

  test('answers; H.245 opens, and with fast start media flows', async () => {
    packets = 0;
    const { call, log, control } = dial('100');
    await until('connected', () => log.includes('connected north'), 15_000);
    expect(log.filter((line) => !line.startsWith('alerting') && !line.startsWith('progress'))).toEqual([expect.stringMatching(/^proceeding/), 'connected north']);
    expect(log.some((line) => line.includes(accepted))).toBe(true);
    await until('its capabilities came', () => control.log.includes('received terminalCapabilitySet'));
    expect(control.log[0]).toBe('opened');
    if (how.fastStart) await until('RTP comes', () => packets > 10);
    call.release();
    await ended();
    expect(control.log.at(-1)).toBe('closed');
  }, 40_000);

  test.each([['604', 'busy', 17], ['609', 'not assigned', 1]])('%s is %s', async (number, _why, q850) => {
    const { log, control } = dial(number);
    await until('released', () => log.find((line) => line.startsWith('released')), 15_000);
    expect(log.at(-1)).toBe(`released ${q850} by peer`);
    expect(control.log.at(-1)).toBe('closed');
  }, 30_000);

  test('gives early media, and is busy then', async () => {
    packets = 0;
    const { log } = dial('602');
    await until('released', () => log.find((line) => line.startsWith('released')), 15_000);
    expect(log.filter((line) => /^progress.* progress 8/.test(line))).toHaveLength(1);
    expect(log.at(-1)).toBe('released 17 by peer');
    if (how.fastStart) expect(packets).toBeGreaterThan(10);
  }, 30_000);

  test('rings and does not answer: T301 ends it at both sides', async () => {
    const { log } = dial('605', {}, { t301: 500 });
    await until('released', () => log.find((line) => line.startsWith('released')), 15_000);
    expect(log.at(-1)).toBe('released 19 by timer');
    await ended();
  }, 40_000);

  test('is rung and hung up on', async () => {
    const { call, log } = dial('603');
    await until('alerting', () => log.find((line) => line.startsWith('alerting')), 15_000);
    call.release();
    await ended();
    expect(log.join()).not.toContain('connected');
  }, 40_000);

  test('tells whether it knows the call', async () => {
    const { call, log } = dial('600');
    await until('connected', () => log.includes('connected north'), 15_000);
    expect(await call.probe()).toBe(true);
    call.release();
    expect(await call.probe()).toBe(false);
    await ended();
  }, 40_000);

  describe('calls', () => {
    interface Taken {
      call: IncomingCall;
      log: string[];
      control: Listener;
    }

    const globals = (): Promise<string> => asterisk.command('dialplan show globals');

    /** Lets Asterisk dial a number here; again where its own channel could not be had. */
    async function dialled(number: string, respond: (call: IncomingCall) => void, listening = true): Promise<Taken> {
      const { log, events } = recorder();
      const control = new Listener();
      let taken: IncomingCall | undefined;
      answer = (call) => {
        taken = call;
        call.attach(events);
        if (listening) call.control.attach(control);
        respond(call);
      };
      for (let tries = 0; !taken && tries < ORIGINATE_TRIES; tries++) {
        await asterisk.command('dialplan set global ENDED none');
        await asterisk.command(`channel originate Local/7${number}@from-h323/n application Milliwatt`);
        // Asterisk may be unable to dial at all: then it says so, at the latest when its Dial is over.
        await until(`a call came, or Asterisk says why not; its channels: ${await asterisk.command('core show channels concise')}`, async () => taken !== undefined || !(await globals()).includes('ENDED=none'), ORIGINATE_LIMIT_MS);
      }
      if (!taken) throw new Error(`Asterisk does not dial: ${await globals()}`);
      return { call: taken, log, control };
    }

    const howItEnded = (): Promise<string> => until('it has ended', async () => {
      const [, status] = /ENDED=(\w+ \d+)/.exec(await globals()) ?? [];
      return status;
    }, 20_000);

    const fastStart = (call: IncomingCall): { fastStart?: ReturnType<typeof acceptAudio> } => (call.setup.fastStart ? { fastStart: acceptAudio(call.setup.fastStart, OURS, media.address().port) } : {});

    test('and is answered: its Setup says who calls whom, H.245 opens, it hangs up', async () => {
      packets = 0;
      const { call, log, control } = await dialled('601', (incoming) => {
        incoming.proceeding();
        incoming.alerting();
        incoming.connect({ ...fastStart(incoming), display: 'Kela' });
      });
      expect(call.setup).toMatchObject({ dialled: { number: '601', aliases: [{ dialledDigits: '601' }] }, tunnelling: how.tunnelling, version: 4, source: { aliases: expect.arrayContaining([{ 'h323-ID': 'north' }]) } });
      expect(call.setup.fastStart !== undefined).toBe(how.fastStart);
      expect(call.remote.host).toBe(THEIRS);
      await until('its capabilities came', () => control.log.includes('received terminalCapabilitySet'));
      expect(control.log[0]).toBe('opened');
      await asterisk.command('channel request hangup all');
      await until('released', () => log.find((line) => line.startsWith('released')), 15_000);
      expect(log).toEqual(['released 16 by peer']);
      expect(control.log.at(-1)).toBe('closed');
      await ended();
    }, DIALLED_LIMIT_MS);

    test('and is answered: sound comes over channels that H.245 settles, or fast connect', async () => {
      packets = 0;
      let told: string[] = [];
      const { call, log } = await dialled('601', (incoming) => {
        told = converse(incoming);
        incoming.connect(fastStart(incoming));
      }, false);
      await until('H.245 is ready', () => told.some((line) => line.startsWith('ready')), 15_000);
      if (!how.fastStart) await until('channels are open both ways', () => told.includes('opened send') && told.includes('opened receive'), 15_000);
      await until('RTP comes', () => packets > 10, 15_000);
      call.release();
      await asterisk.command('channel request hangup all');
      await ended();
      expect(log).toEqual([]);
    }, DIALLED_LIMIT_MS);

    test.each([['busy', 17, 'BUSY'], ['not assigned', 1, 'CHANUNAVAIL'], ['out of capacity', 34, 'CONGESTION']])('what is %s', async (_why, q850, status) => {
      await dialled('604', (incoming) => {
        incoming.proceeding();
        incoming.release({ q850 });
      });
      expect(await howItEnded()).toBe(`${status} ${q850}`);
      await ended();
    }, DIALLED_LIMIT_MS);

    test('and gives up while it rings', async () => {
      const { log } = await dialled('605', (incoming) => incoming.alerting());
      await asterisk.command('channel request hangup all');
      await until('released', () => log.find((line) => line.startsWith('released')), 15_000);
      await ended();
    }, DIALLED_LIMIT_MS);
  });
});
