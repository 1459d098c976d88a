import { explain, summary, type RouteSource } from '../../src/routing';
import { random } from '../addressing/random';
import { pilot } from './memory-view';
import { defaultPlan, rings, routing } from './support';

describe('dialling in the pilot by the default dial plan', () => {
  let route: ReturnType<typeof routing>['route'];
  const ahtari: RouteSource = { kind: 'registered', device: 'ex90-1@ahtari.etela-pohjanmaa.example' };
  const kauhava: RouteSource = { kind: 'registered', device: 'ex90-1@kaupungintalo.kauhava.etela-pohjanmaa.example' };
  const found = async (dialled: string, source: RouteSource = ahtari, protocol: 'sip' | 'h323' = 'sip') => {
    const result = await route(dialled, source, { protocol });
    return result.kind === 'plan' ? `${result.canonical} ${result.language ?? '-'}` : `${result.status} ${result.reasonCode}`;
  };
  const busy = new Set(['tulkki-ar-1@tulkkikeskus.example']);
  const freed: Record<string, number> = { 'tulkki-ar-2@tulkkikeskus.example': 2_000, 'tulkki-ar-1@tulkkikeskus.example': 1_000 };

  beforeAll(async () => {
    ({ route } = routing(pilot(), await defaultPlan(), {
      targetState: { lastFreed: (device) => freed[device], callsToday: () => 0, nextTurn: () => 0 },
      availability: { busy: (device) => busy.has(device), registered: (device) => !device.startsWith('tulkki-ar-3') },
    }));
  });

  test('is explained step by step', async () => {
    expect(`\n${explain(await route('sip:Arabia@ahtari.etela-pohjanmaa.example', ahtari))}\n`).toBe(`
 1  caller                             registered  ex90-1@ahtari.etela-pohjanmaa.example (Mon 23 Nov 2026 at 10:00)
 2  address                            address     sip:Arabia@ahtari.etela-pohjanmaa.example -> arabia@ahtari.etela-pohjanmaa.example
 3  transform                          none fits   arabia@ahtari.etela-pohjanmaa.example
 4  rule       full-address            directory   arabia@ahtari.etela-pohjanmaa.example (default.yaml:30)
 5  directory                          not found   arabia@ahtari.etela-pohjanmaa.example
 6  rule       caller-domain-stripped  directory   arabia@ahtari.etela-pohjanmaa.example -> arabia@palvelu.example (default.yaml:35)
 7  directory                          not found   arabia@palvelu.example
 8  rule       caller-domain-number    directory   arabia@ahtari.etela-pohjanmaa.example -> arabia (default.yaml:43)
 9  directory                          not found   arabia
10  rule       interpreter-ar          directory   arabia@ahtari.etela-pohjanmaa.example -> tulkki.ar@palvelu.example (interpreters.yaml:15)
11  directory                          found       tulkki.ar@palvelu.example (service address)
12  hours                              open        tulkki.ar@palvelu.example (weekly, until Mon 23 Nov 2026 at 16:00)
13  stage      main                    rings       tulkki.ar@palvelu.example -> longest-idle (60 s, 20 s each)
14  target     main                    rings       tulkki-ar-3@tulkkikeskus.example -> Tulkki 3, arabia (not registered now)
15  target     main                    rings       tulkki-ar-1@tulkkikeskus.example -> Tulkki 1, arabia (busy now)
16  target     main                    rings       tulkki-ar-2@tulkkikeskus.example -> Tulkki 2, arabia (free now)
17  media                              anchored    tulkki.ar@palvelu.example (the default)

Routes to tulkki.ar@palvelu.example, Tulkki: arabia, language ar, media anchored
  1. for 60 s, one at a time (longest-idle), 20 s each
     Tulkki 3, arabia  tulkki-ar-3@tulkkikeskus.example
     Tulkki 1, arabia  tulkki-ar-1@tulkkikeskus.example
     Tulkki 2, arabia  tulkki-ar-2@tulkkikeskus.example
`);
  });

  test('a refusal is explained as well', async () => {
    expect(`\n${explain(await route('keela', ahtari))}\n`).toBe(`
 1  caller                          registered   ex90-1@ahtari.etela-pohjanmaa.example (Mon 23 Nov 2026 at 10:00)
 2  address                         name         keela
 3  transform  bare-name            changed      keela -> keela@palvelu.example (default.yaml:10)
 4  rule       own-domain-stripped  directory    keela@palvelu.example -> keela (default.yaml:23)
 5  directory                       not found    keela
 6  rule       full-address         directory    keela@palvelu.example (default.yaml:30)
 7  directory                       not found    keela@palvelu.example
 8  rule       caller-site          directory    keela@palvelu.example -> keela@ahtari.etela-pohjanmaa.example (default.yaml:51)
 9  directory                       not found    keela@ahtari.etela-pohjanmaa.example
10  refusal                         404 unknown  keela

Refused: 404 unknown, Q.850 cause 1
Warning: 399 etasilta "nothing is known as 'keela@palvelu.example'; nearest: kela@palvelu.example"
Did you mean: kela@palvelu.example
`);
  });

  test('the summary is the explanation without the steps', async () => {
    const result = await route('kela', ahtari);
    expect(explain(result).endsWith(`\n\n${summary(result)}`)).toBe(true);
  });

  test('three offices ring one after another, all devices of one at once', async () => {
    expect(rings(await route('kela', ahtari))).toBe([
      'ex90-1@seinajoki.kela.example etuusasiantuntija-1@seinajoki.kela.example etuusasiantuntija-2@seinajoki.kela.example',
      'ex90-1@jyvaskyla.kela.example etuusasiantuntija-1@jyvaskyla.kela.example etuusasiantuntija-2@jyvaskyla.kela.example',
      'ex90-1@vaasa.kela.example etuusasiantuntija-1@vaasa.kela.example etuusasiantuntija-2@vaasa.kela.example',
    ].join(' | '));
  });

  test.each([
    ['kela', 'kela.fi@palvelu.example fi'],
    ['KELA', 'kela.fi@palvelu.example fi'],
    ['kela.sv', 'kela.sv@palvelu.example sv'],
    ['kela.fi.etuudet', 'kela.fi@palvelu.example fi'],
    ['kela@palvelu.example', 'kela.fi@palvelu.example fi'],
    ['kela@ahtari.etela-pohjanmaa.example', 'kela.fi@palvelu.example fi'],
    ['sip:kela.sv@palvelu.example;user=ip', 'kela.sv@palvelu.example sv'],
    ['h323:kela.sv@palvelu.example', 'kela.sv@palvelu.example sv'],
    ['FPA', 'kela.sv@palvelu.example sv'],
    ['00001011', 'kela.fi@palvelu.example fi'],
    ['000 0101 1', 'kela.fi@palvelu.example fi'],
    ['00001012@palvelu.example', 'kela.sv@palvelu.example sv'],
    ['00001012@ahtari.etela-pohjanmaa.example', 'kela.sv@palvelu.example sv'],
    ['2339011', 'ex90-1@kaupungintalo.kauhava.etela-pohjanmaa.example -'],
    ['Ähtärin', '404 unknown'],
    ['yhteispalvelu.Soini', 'yhteispalvelu.fi.soini@palvelu.example fi'],
    ['verohallinto', 'vero.fi@palvelu.example fi'],
    ['tulkki.so', 'tulkki.so@palvelu.example so'],
    ['somali', 'tulkki.so@palvelu.example so'],
    ['viittomakieli', 'tulkki.fse@palvelu.example fse'],
    ['tulkki', '484 refused-by-rule'],
    ['kurdi', '484 refused-by-rule'],
    ['kela.en', '404 language-not-served'],
    ['10.0.0.1', '403 refused-by-rule'],
    ['presence@palvelu.example', '404 refused-by-rule'],
    ['provisioning@palvelu.example', '404 refused-by-rule'],
    ['phonebook@ahtari.etela-pohjanmaa.example', '404 refused-by-rule'],
    ['phonebook', '404 refused-by-rule'],
    ['arabia@partner.example', '404 unknown'],
    ['ex90-1', '482 loop'],
  ])('%s leads to %s', async (dialled, expected) => {
    expect(await found(dialled)).toBe(expected);
  });

  test('a device name alone is the device of the caller\'s own site, whatever protocol it uses', async () => {
    expect(await found('ex90-2', kauhava)).toBe('ex90-2@kaupungintalo.kauhava.etela-pohjanmaa.example -');
    expect(await found('ex90-2', kauhava, 'h323')).toBe('ex90-2@kaupungintalo.kauhava.etela-pohjanmaa.example -');
    expect(await found('ex90-2@kaupungintalo.kauhava.etela-pohjanmaa.example', kauhava)).toBe('ex90-2@kaupungintalo.kauhava.etela-pohjanmaa.example -');
    expect(await found('ex90-1', { kind: 'local' })).toBe('300 ambiguous');
  });

  test('whatever is dialled is routed or refused, never an error', async () => {
    const pick = random(11);
    const pieces = ['kela', '.fi', '@', 'palvelu.example', 'sip:', '0000101', '\u0000', 'Ä', ' ', '"', '\\', '\r\n', '${domain}', '\\1', '*', '😀', '[::1]', ';', '%00', 'x'.repeat(70)];
    const kinds = new Set<string>();
    for (let i = 0; i < 3_000; i++) {
      const dialled = Array.from({ length: pick(6) }, () => pieces[pick(pieces.length)]).join('');
      const result = await route(dialled, ahtari, { protocol: pick(2) === 0 ? 'sip' : 'h323' });
      kinds.add(result.kind);
      expect(explain(result)).not.toBe('');
    }
    expect([...kinds].sort()).toEqual(['plan', 'refused']);
  });
});
