import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CallRecords, openCallStore } from '../../../src/calls';
import { wavHeader } from '../../../src/embedded/media-server/processing/audio/wav';
import { tone } from '../../media-server/processing/support/sound';
import { AnchoredGateway, talk } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { promptIn } from '../../support/prompts';
import { toneShares } from '../../support/spectrum';
import { addService, DOMAIN } from '../../support/test-gateway';
import { describePeer, until, type Baresip } from '../harness';

jest.setTimeout(90_000);

const CALLER = 'ex90-1@ahtari.kunta.example';
const AGENT = 'agent@kela.kunta.example';
const INTERPRETER = 'tulkki-1@tulkit.kunta.example';
const CLOSED = { weekly: [], exceptions: [{ date: '2001-01-01', hours: [{ open: '09:00', close: '10:00' }] }] };
const OWN_TONE = 1900;
const RATE = 16_000;

/** Four seconds of a tone. */
function toneFile(hz: number): Buffer {
  const samples = Buffer.from(tone(hz, 4_000, RATE).buffer);
  return Buffer.concat([wavHeader(RATE, 1, samples.length), samples]);
}

describePeer('baresip', 'prompts of the operator\'s own', () => {
  let folder: string;
  let anchored: AnchoredGateway;
  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-prompts-'));
    fs.mkdirSync(path.join(folder, 'fi'));
    fs.writeFileSync(path.join(folder, 'fi', 'closed.wav'), toneFile(OWN_TONE));
    anchored = await AnchoredGateway.start({ ETASILTA_MEDIA_PROMPTS: folder });
    await anchored.device(CALLER);
    for (const [name, language] of [['kiinni', 'fi'], ['stangd', 'sv']] as const) {
      await addService(anchored.gateway.directory, `${name}.${language}@${DOMAIN}`, [CALLER], {}, { hours: CLOSED, languages: [language] });
    }
  });
  afterEach(() => anchored.closePhones());
  afterAll(async () => {
    await anchored.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  test('take the place of those that come with the program; all others stay', async () => {
    const heardOf = async (service: string) => {
      const caller = await anchored.phone(CALLER, { toneHz: 400, codecs: ['g722/16000/1'] });
      await caller.dial(`sip:${service}@${DOMAIN}`);
      await caller.waitFor('CALL_CLOSED', 30_000);
      const heard = await until('what was heard is written', () => caller.heard().at(-1));
      await anchored.closePhones();
      return heard;
    };
    expect(toneShares(await heardOf('kiinni.fi'), [OWN_TONE], 2)[0]).toBeGreaterThan(0.8);
    expect(promptIn(await heardOf('stangd.sv'), 'sv')).toBe('closed');
  });
});

describePeer('baresip', 'a third party that does not come', () => {
  let anchored: AnchoredGateway;
  let operator: Operator;
  let [caller, agent, third]: Baresip[] = [];
  let arabic: string;
  let call: string;
  beforeAll(async () => {
    anchored = await AnchoredGateway.start();
    operator = new Operator(anchored.gateway.dataDir);
    await anchored.device(CALLER);
    const kela = await anchored.device(AGENT, 'kela');
    arabic = await anchored.device(INTERPRETER, 'tulkki', { joins: true, kind: 'interpreting' });
    agent = await anchored.phone(AGENT, { toneHz: 700, codecs: ['g722/16000/1'] });
    caller = await anchored.phone(CALLER, { toneHz: 400, codecs: ['g722/16000/1'] });
    third = await anchored.phone(INTERPRETER, { toneHz: 1000, answer: 'manual' });
    await caller.dial(`sip:${kela}`);
    await agent.waitFor('CALL_ESTABLISHED');
    call = await operator.theCall();
    // Only the voice shall be heard.
    for (const phone of [caller, agent]) await phone.command('mute');
  });
  afterAll(() => anchored.stop());

  test('is told to both by a voice, over each other\'s; the record keeps who was asked, by whom and for whose leg', async () => {
    await operator.change(call, 'add', arabic);
    await third!.waitFor('CALL_INCOMING');
    await third!.hangUp();
    const store = await openCallStore(anchored.gateway.dataDir);
    try {
      const join = await until('the record has what became of it', async () => (await new CallRecords(store).get(call))?.joins?.find(({ attempts }) => attempts?.[0]?.result !== undefined));
      expect(join).toMatchObject({ role: 'interpreter', askedBy: 'operator', withLeg: call, attempts: [{ device: INTERPRETER, result: 'busy' }] });
      // The voice takes some seconds.
      await talk(8);
    } finally {
      await store.close();
    }
    await caller!.hangUp();
    await agent!.waitFor('CALL_CLOSED');
    for (const phone of [caller, agent]) expect(promptIn(phone!.heard().at(-1)!, 'fi')).toBe('no-answer');
  });
});
