import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { divertingLegInformation2 } from '../../src/h323/legs/diversion';
import { decode } from '../../src/h323/per';
import { h450 } from '../../src/h323/schemas';
import { placeCall, SPEECH } from '../../src/h323/signalling';
import type { GatewayStatus } from '../../src/server';
import { endpoint, recorder } from '../h323/signalling/support';
import { H323Phone } from '../h323/support/h323-phone';
import { writePcap } from '../h323/support/pcap';
import { Operator } from '../support/control';
import { ownAddress } from '../support/own-address';
import { lastRecord } from '../support/records';
import { scenario, sippCaller, sippDevice } from '../support/sipp-devices';
import { addDevices, addService, DOMAIN, startTestGateway, type TestGateway } from '../support/test-gateway';
import { describePeer, expectAllSuccessful, startSipp, until, type Sipp, type SippOptions } from './harness';

jest.setTimeout(60_000);

const PARTNERS_CALLS = '<sip:yksi@partner.example>;index=1,<sip:kaksi@partner.example;cause=408>;index=1.1;mp=1,<sip:kaksi@192.0.2.7?Reason=SIP%3Bcause%3D486>;index=1.1.1;rc=1.1,<sip:kela@palvelu.example>;index=1.1.2;mp=1.1';
/** Everything at this domain is reached through the peer `toinen`. */
const RULE = `
searchRules:
  - name: toinen
    priority: 40
    match: { suffix: '@toinen.example' }
    target: { peer: toinen }
`;
const invites = (messages: string, field: string): string[] =>
  (messages.match(/^INVITE [^]*?\r?\n\r?\n/gm) ?? []).map((message) => new RegExp(`^${field}: (.*)$`, 'm').exec(message)?.[1]?.trim() ?? '');

describePeer(['sipp', 'tshark'], 'diversions between sipp and sipp', () => {
  let gateway: TestGateway;
  let partner: Sipp;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-diversion-'));
  const open: Sipp[] = [];
  // Devices of its own for each test: none is left with a contact of an earlier one.
  let A: string;
  let B: string;
  let count = 0;

  beforeAll(async () => {
    fs.copyFileSync('dialplans/default.yaml', path.join(folder, 'default.yaml'));
    fs.writeFileSync(path.join(folder, 'toinen.yaml'), RULE);
    partner = await startSipp({ scenario: scenario('uas-basic'), calls: 100, timeoutSeconds: 300 });
    gateway = await startTestGateway({
      ETASILTA_DIALPLANS: folder, ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(61), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8',
      ETASILTA_H323_NEIGHBOURS: JSON.stringify([{ name: 'naapuri', address: ownAddress(63) }]),
      ETASILTA_SIP_PEERS: JSON.stringify([{ name: 'partner', addresses: ['127.0.0.1'] }, { name: 'toinen', addresses: ['127.0.0.2'], proxy: `sip:127.0.0.1:${partner.port}` }]),
    });
  });
  beforeEach(async () => {
    count++;
    [A, B] = [`a${count}@laite.kunta.example`, `b${count}@laite.kunta.example`];
    await addDevices(gateway.directory, [{ address: A }, { address: B }]);
    await addService(gateway.directory, `kela${count}@${DOMAIN}`, [A]);
  });
  afterEach(async () => { for (const sipp of open.splice(0)) await sipp.stop(); });
  afterAll(async () => {
    await partner?.stop();
    await gateway?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const device = async (name: string, uas: string, options: Partial<SippOptions> = {}): Promise<Sipp> => {
    const sipp = await sippDevice(gateway.address('udp'), name, uas, options);
    open.push(sipp);
    return sipp;
  };
  const call = async (service: string, told = 'Subject: asia'): Promise<void> => {
    const sipp = await sippCaller(gateway.address('udp'), 'uac-diverted', service, { keys: { told } });
    open.push(sipp);
    expectAllSuccessful(await sipp.finished);
  };

  test('a partner tells by History-Info how its call came here: the device is told by both headers, without the contacts of others', async () => {
    const callee = await device(A, 'uas-basic');
    await call(`kela${count}`, `History-Info: ${PARTNERS_CALLS}`);
    const { messages } = expectAllSuccessful(await callee.finished);
    expect(invites(messages, 'Diversion')).toEqual(['<sip:kaksi@partner.example>;reason=user-busy;counter=1, <sip:yksi@partner.example>;reason=no-answer;counter=1']);
    expect(invites(messages, 'History-Info')).toEqual([
      `<sip:yksi@partner.example>;index=1, <sip:kaksi@partner.example;cause=408>;index=1.1;mp=1, <sip:a${count}@127.0.0.1;cause=486>;index=1.1.1;mp=1.1`,
    ]);
    expect(invites(messages, 'Supported')[0]).toMatch(/\bhistinfo\b/);
    expect(messages).not.toContain('192.0.2.7');
  });

  test('tshark reads both', async () => {
    const callee = await device(A, 'uas-basic');
    await call(`kela${count}`, `Diversion: <sip:yksi@partner.example>;reason=away;counter=2;privacy=off`);
    const { messages } = expectAllSuccessful(await callee.finished);
    const [invite = ''] = /^INVITE [^]*?PCMA\/8000\r?\n/m.exec(messages) ?? [];
    const file = path.join(folder, 'invite.pcap');
    fs.writeFileSync(file, writePcap([{ transport: 'udp', sourcePort: 5060, destinationPort: 5060, payload: Buffer.from(invite.replace(/\r?\n/g, '\r\n')) }]));
    const { stdout } = spawnSync('tshark', ['-r', file, '-T', 'fields', '-E', 'separator=|', '-e', 'sip.Method', '-e', 'sip.Diversion', '-e', 'sip.History-Info', '-e', '_ws.malformed'], { encoding: 'utf8' });
    expect(stdout.trim().split('|')).toEqual(['INVITE', '<sip:yksi@partner.example>;reason=away;counter=2',
      `<sip:unknown@unknown.invalid>;index=1, <sip:yksi@partner.example;cause=404>;index=1.1;mp=1, <sip:a${count}@127.0.0.1;cause=404>;index=1.1.1;mp=1.1`, '']);
  });

  test('an H.323 room is told by divertingLegInformation2: how often, by whom last and by whom first', async () => {
    const services: h450.H4501SupplementaryService[] = [];
    const operator = new Operator(gateway.dataDir);
    await addDevices(gateway.directory, [{ address: `huone${count}@laite.kunta.example`, h323Id: `huone${count}` }]);
    await addService(gateway.directory, `huone${count}.fi@${DOMAIN}`, [`huone${count}@laite.kunta.example`]);
    const room = await H323Phone.open({
      host: ownAddress(62), h323Id: `huone${count}`, toneHz: 400, ras: (await operator.status<GatewayStatus>()).h323!.ras,
      answer: (taken) => { services.push(...taken.services); taken.answer(); },
    });
    try {
      await call(`huone${count}.fi`, `History-Info: ${PARTNERS_CALLS}`);
    } finally {
      await room.close();
    }
    const [{ invoke }] = services.flatMap(({ serviceApdu }) => ('rosApdus' in serviceApdu ? serviceApdu.rosApdus : [])) as [{ invoke: h450.Invoke }];
    const name = (alias: string): h450.EndpointAddress => ({ destinationAddress: [{ 'h323-ID': alias }] });
    expect(decode(h450.DivertingLegInformation2Arg, invoke.argument!)).toMatchObject({
      diversionCounter: 2, diversionReason: 'cfb', originalDiversionReason: 'cfnr', divertingNr: name('kaksi@partner.example'), originalCalledNr: name('yksi@partner.example'),
    });
  });

  test('an H.323 partner tells by divertingLegInformation2: a SIP device is told by both headers of the first and the last', async () => {
    const callee = await device(A, 'uas-rings-until-cancel');
    const { log, events } = recorder();
    const faults: Error[] = [];
    const diversion = divertingLegInformation2([{ by: 'kaksi@naapuri.example', reason: 'user-busy', counter: 2 }, { by: 'yksi@naapuri.example', reason: 'no-answer', counter: 1 }])!;
    const setup = placeCall({
      address: { host: ownAddress(61), port: 1720 }, from: ownAddress(63), callId: randomBytes(16), bearer: SPEECH, source: { aliases: [{ 'h323-ID': 'soittaja@naapuri.example' }] },
      destination: { aliases: [{ 'h323-ID': `kela${count}@${DOMAIN}` }] }, services: [diversion],
    }, endpoint(faults), events);
    await until('the device is rung', () => log.includes('alerting'));
    setup.release();
    const { messages } = expectAllSuccessful(await callee.finished);
    expect(invites(messages, 'Diversion')).toEqual(['<sip:kaksi@naapuri.example>;reason=user-busy;counter=2, <sip:yksi@naapuri.example>;reason=no-answer;counter=1']);
    expect(invites(messages, 'History-Info')).toEqual([
      `<sip:yksi@naapuri.example>;index=1, <sip:unknown@unknown.invalid;cause=408>;index=1.1;mp=1, <sip:kaksi@naapuri.example;cause=404>;index=1.1.1;mp=1.1, <sip:a${count}@127.0.0.1;cause=486>;index=1.1.1.1;mp=1.1.1`,
    ]);
    expect(faults).toEqual([]);
  });

  test('a device that diverts to a partner: that is told by both headers, what came before, too, and who wants privacy is not named', async () => {
    await device(A, 'uas-moves', { keys: { target: 'sip:neuvonta@toinen.example;cause=486' } });
    await call(`kela${count}`, 'Diversion: <sip:yksi@partner.example>;reason=time-of-day;privacy=full');
    const messages = partner.messages();
    expect(invites(messages, 'Diversion').at(-1)).toBe(`<sip:${A}>;reason=user-busy;counter=1, <sip:anonymous@anonymous.invalid>;reason=time-of-day;counter=1;privacy=full`);
    expect(invites(messages, 'History-Info').at(-1)).toBe(
      `<sip:anonymous@anonymous.invalid>;index=1, <sip:${A};cause=404>;index=1.1;mp=1, <sip:neuvonta@toinen.example;cause=486>;index=1.1.1;mp=1.1`,
    );
    expect(messages).not.toContain('yksi@partner.example');
  });

  test('a call that nobody has diverted tells of none', async () => {
    const callee = await device(A, 'uas-basic');
    await call(`kela${count}`);
    expect(expectAllSuccessful(await callee.finished).messages).not.toMatch(/^(Diversion|History-Info):|histinfo/m);
  });

  test('a device that diverts to a service: that rings on to its next stage, as for who calls it', async () => {
    const [busy, free] = [`varattu${count}@laite.kunta.example`, `vapaa${count}@laite.kunta.example`];
    await addDevices(gateway.directory, [{ address: busy }, { address: free }]);
    await addService(gateway.directory, `apu${count}@${DOMAIN}`, [busy], {}, {
      plan: { stages: [{ group: 'main', strategy: 'all', ringSeconds: 30 }, { group: 'next', strategy: 'all', ringSeconds: 30 }] },
    });
    await gateway.directory.put('membership', { service: `apu${count}@${DOMAIN}`, device: free, group: 'next', position: 0 });
    await device(A, 'uas-moves', { keys: { target: `sip:apu${count}@${DOMAIN}` } });
    await device(busy, 'uas-busy');
    const callee = await device(free, 'uas-basic');
    await call(`kela${count}`);
    const { messages } = expectAllSuccessful(await callee.finished);
    expect(invites(messages, 'Diversion')).toEqual([`<sip:${A}>;reason=unknown;counter=1`]);
    expect(await lastRecord(gateway.dataDir)).toMatchObject({
      outcome: 'answered', device: free, attempts: [{ device: A, status: 302 }, { device: busy, result: 'busy' }, { device: free, result: 'answered' }],
    });
  });

  test('its stages ring their own time: the diverting device\'s was shorter', async () => {
    const service = `lyhyt${count}@${DOMAIN}`;
    await addService(gateway.directory, service, [A], { ringSeconds: 1 });
    await addService(gateway.directory, `hidas${count}@${DOMAIN}`, [B], { ringSeconds: 30 });
    await device(A, 'uas-moves', { keys: { target: `sip:hidas${count}@${DOMAIN}` } });
    const callee = await device(B, 'uas-rings-long', { args: ['-d', '2500'] });
    await call(`lyhyt${count}`);
    expectAllSuccessful(await callee.finished);
    expect(await lastRecord(gateway.dataDir)).toMatchObject({ outcome: 'answered', device: B });
  });
});
