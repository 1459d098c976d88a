import { TestPage, type Person } from '../support/test-page';
import { addDevices, addService, DOMAIN, startTestGateway, type TestGateway } from '../support/test-gateway';
import { describePeer, until } from './harness';

jest.setTimeout(60_000);

const CITIZEN = 'selain-1@koti.kunta.example';
const EXPERT = 'selain-2@kela.kunta.example';
const ABSENT = 'selain-3@kela.kunta.example';
const [KELA, EMPTY, EVENING] = ['kela.fi', 'tyhja.fi', 'ilta.fi'].map((name) => `${name}@${DOMAIN}`) as [string, string, string];
/** A day on which nothing is open is at most a week away, so that this one is closed on every day but its own. */
const CLOSED = { weekly: [], exceptions: [{ date: '2001-01-01', hours: [{ open: '09:00', close: '10:00' }] }] };

describePeer('chromium', 'the page in two browsers, media between them', () => {
  let gateway: TestGateway;
  let page: TestPage;
  const people: Person[] = [];
  const logIn = async (...args: Parameters<TestPage['logIn']>): Promise<Person> => {
    const person = await page.logIn(...args);
    people.push(person);
    return person;
  };

  beforeAll(async () => {
    gateway = await startTestGateway({ ETASILTA_CALLS_MEDIA: 'direct', ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=udp sip:127.0.0.1:0;transport=ws' });
    await addDevices(gateway.directory, [CITIZEN, EXPERT, ABSENT].map((address) => ({ address, kind: 'browser' as const })));
    await addService(gateway.directory, KELA, [EXPERT], {}, { names: { fi: 'Kelan etuudet', sv: 'FPA:s förmåner' } });
    await addService(gateway.directory, EMPTY, [ABSENT], { ringSeconds: 5 });
    await addService(gateway.directory, EVENING, [EXPERT], {}, { hours: CLOSED });
    page = await TestPage.start(gateway);
  });
  afterEach(async () => { for (const person of people.splice(0)) await person.browser.close(); });
  afterAll(async () => {
    await page.close();
    await gateway.stop();
  });

  test('log in, choose a service, call, see and hear, hold, mute, press keys, hang up', async () => {
    const expert = await logIn(EXPERT);
    const citizen = await logIn(CITIZEN);
    expect(await citizen.reads('#service-list')).toMatch(/Kelan etuudet\s+Kunta · fi · Avoinna nyt/);
    await citizen.calls(KELA);
    await expert.sees('incoming');
    expect(await expert.reads('#incoming-title')).toContain('soittaa sinulle');
    await expert.click('#answer');
    await until('both decode pictures and hear sound', async () => {
      const [one, other] = await Promise.all([citizen.browser.media(), expert.browser.media()]);
      return one.framesDecoded > 10 && other.framesDecoded > 10 && one.audioEnergy > 0 && other.audioEnergy > 0;
    }, 20_000);
    expect((await citizen.browser.media()).videoCodec).toBe('video/H264');
    expect(await citizen.reads('#call-state')).toBe('Puhelu on käynnissä.');

    await citizen.click('#hold');
    await until('both read that the call is held', async () => await citizen.reads('#call-state') === 'Puhelu on pidossa.' && /pani puhelun pitoon/.test(await expert.reads('#call-state')));
    await citizen.click('#hold');
    await until('both read that it goes on', async () => await citizen.reads('#call-state') === 'Puhelu on käynnissä.' && await expert.reads('#call-state') === 'Puhelu on käynnissä.');

    await citizen.click('#mute');
    expect(await citizen.browser.page.getAttribute('#mute', 'aria-pressed')).toBe('true');
    const sounding = async (): Promise<boolean> => {
      const before = (await expert.browser.media()).audioEnergy;
      await citizen.browser.page.waitForTimeout(500);
      return (await expert.browser.media()).audioEnergy > before + 1e-4;
    };
    await until('the expert hears silence', async () => !(await sounding()));
    await citizen.click('#mute');
    await until('the expert hears the citizen again', sounding);

    await citizen.click('#keypad summary');
    await citizen.click('[data-digit="5"]');
    await expert.hangsUp();
    await citizen.sees('services');
    expect(await citizen.reads('#notice')).toBe('Puhelu päättyi.');
    expect([...citizen.browser.errors, ...expert.browser.errors]).toEqual([]);
  });

  test('an expert who declines is busy, in plain words', async () => {
    const expert = await logIn(EXPERT);
    const citizen = await logIn(CITIZEN, undefined, 'sv');
    expect(await citizen.reads('#service-list')).toContain('FPA:s förmåner');
    await citizen.calls(KELA);
    await expert.sees('incoming');
    await expert.click('#decline');
    await citizen.sees('services');
    await until('the citizen reads why', async () => (await citizen.reads('#notice')).startsWith('Tjänsten är'));
    expect(await expert.browser.page.isHidden('#incoming')).toBe(true);
  });

  test('a caller who gives up ends the ringing', async () => {
    const expert = await logIn(EXPERT);
    const citizen = await logIn(CITIZEN);
    await citizen.calls(KELA);
    await expert.sees('incoming');
    await citizen.hangsUp();
    await expert.browser.page.waitForSelector('#incoming', { state: 'hidden' });
    await citizen.sees('services');
  });

  test('a service where nobody is says so', async () => {
    const citizen = await logIn(CITIZEN);
    await citizen.calls(EMPTY);
    await until('the citizen reads why', async () => /ketään paikalla/.test(await citizen.reads('#notice')), 15_000);
    await citizen.sees('services');
  });

  test('a closed service has no call button', async () => {
    const citizen = await logIn(CITIZEN);
    expect(await citizen.reads('#service-list')).toContain('Suljettu');
    expect(await citizen.browser.page.$(`#service-list [data-address="${EVENING}"]`)).toBeNull();
  });

  test('the list follows what is typed', async () => {
    const citizen = await logIn(CITIZEN);
    await citizen.browser.page.fill('#search', 'etuud');
    await until('only that one is left', async () => (await citizen.browser.page.$$('#service-list li')).length === 1);
    await citizen.browser.page.fill('#search', 'verotus');
    await until('none is', async () => await citizen.reads('#no-services') === 'Hakua vastaavia palveluja ei löytynyt.');
  });

  test('a wrong password is told as such, and nothing is stored', async () => {
    const stranger = await page.open(CITIZEN, 'arvaus');
    people.push(stranger);
    await until('it is told', async () => await stranger.reads('#notice') === 'Laiteosoite tai salasana on väärä.');
    await stranger.sees('log-in');
    expect(await stranger.browser.page.evaluate('[localStorage.length, sessionStorage.length, document.cookie, document.querySelector("#password").value]')).toEqual([0, 0, '', '']);
  });

  test('somebody already in a call is busy for a second caller', async () => {
    const expert = await logIn(EXPERT);
    const citizen = await logIn(CITIZEN);
    const other = await logIn(ABSENT);
    await citizen.calls(KELA);
    await expert.sees('incoming');
    await expert.click('#answer');
    await expert.sees('call');
    await other.calls(KELA);
    await until('the other reads that the service is busy', async () => (await other.reads('#notice')).startsWith('Palvelu on'));
    await citizen.hangsUp();
    await expert.sees('services');
  });
});
