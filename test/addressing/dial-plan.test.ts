import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DialPlanError, fitsSource, loadDialPlan, parseDialPlan, type DialPlanOptions } from '../../src/addressing';

const options: DialPlanOptions = { domain: 'palvelu.example', peers: ['partner', 'operator'], deviceKinds: ['room', 'desk'] };
const RULE = `
searchRules:
  - { name: all, priority: 1, target: directory }`;
const load = (text: string) => parseDialPlan([{ file: 'plan.yaml', text }], options);
const faultsOf = (text: string): string[] => {
  try {
    load(text);
    return [];
  } catch (error) {
    if (!(error instanceof DialPlanError)) throw error;
    return error.faults.map(({ file, line, key, reason }) => `${file}:${line} ${key}: ${reason}`);
  }
};
const transform = (match: string, replace: string | undefined, alias: string, callerDomain?: string): string | undefined => {
  const replaced = replace === undefined ? '' : `, replace: ${JSON.stringify(replace)}`;
  const plan = load(`transforms:\n  - { name: t, priority: 1, match: ${match}${replaced} }${RULE}`);
  return plan.transforms[0]?.match.apply(alias, callerDomain);
};

describe('patterns', () => {
  test.each<[string, string | undefined, string, string | undefined]>([
    ['{ exact: kela }', 'kela.fi', 'kela', 'kela.fi'],
    ['{ exact: KELA }', 'kela.fi', 'Kela', 'kela.fi'],
    ['{ exact: kela }', 'kela.fi', 'kela2', undefined],
    ['{ exact: [kela, fpa] }', 'kela.sv', 'fpa', 'kela.sv'],
    ['{ prefix: "9" }', '', '9112', '112'],
    ['{ prefix: "9" }', '00', '9112', '00112'],
    ['{ prefix: "9" }', undefined, '9112', '9112'],
    ['{ prefix: "9" }', '', '112', undefined],
    ['{ suffix: "@${domain}" }', '', 'kela@palvelu.example', 'kela'],
    ['{ suffix: "@${domain}" }', '@other.example', 'kela@palvelu.example', 'kela@other.example'],
    ['{ suffix: "@${domain}" }', '', 'kela@notpalvelu.example.org', undefined],
    ['{ regex: "([^@]*)" }', '\\1@${domain}', 'kela', 'kela@palvelu.example'],
    ['{ regex: "([^@]*)" }', '\\1@${domain}', 'kela@x', undefined],
    ['{ regex: "0(\\\\d+)-(\\\\d+)" }', '\\2\\1', '045-6', '645'],
    ['{ regex: "KELA(@.*)?" }', 'x\\1', 'kela', 'x'],
    ['{ regex: "a.c@${domain}" }', '\\0!', 'abc@palvelu.example', 'abc@palvelu.example!'],
    ['{ regex: "a.c@${domain}" }', '\\0!', 'abc@palveluxexample', undefined],
    ['{ regex: "kela" }', 'x', 'kela.fi', undefined],
  ])('%s with replacement %j makes of %s %s', (match, replace, alias, expected) => expect(transform(match, replace, alias)).toBe(expected));

  test('a name is that name bare, at our domain and at the caller\'s own, nowhere else', () => {
    const of = (alias: string) => transform('{ name: [arabia, arabic] }', 'tulkki.ar@${domain}', alias, 'ahtari.example');
    expect(of('arabia')).toBe('tulkki.ar@palvelu.example');
    expect(of('arabic@palvelu.example')).toBe('tulkki.ar@palvelu.example');
    expect(of('arabia@ahtari.example')).toBe('tulkki.ar@palvelu.example');
    expect(of('arabia@partner.example')).toBeUndefined();
  });

  test('the caller\'s domain fits callers that have one', () => {
    expect(transform('{ suffix: "@${caller.domain}" }', '', 'kela@ahtari.example', 'ahtari.example')).toBe('kela');
    expect(transform('{ suffix: "@${caller.domain}" }', '', 'kela@ahtari.example')).toBeUndefined();
    expect(transform('{ exact: "kela@${caller.domain}" }', 'kela', 'kela@ahtari.example', 'ahtari.example')).toBe('kela');
    expect(transform('{ suffix: "@${domain}" }', '@${caller.domain}', 'x@palvelu.example', 'ahtari.example')).toBe('x@ahtari.example');
    expect(transform('{ suffix: "@${domain}" }', '@${caller.domain}', 'x@palvelu.example')).toBeUndefined();
  });

  test('an expression that backtracking engines never finish is answered', () => {
    expect(transform('{ regex: "(a+)+b" }', 'x', 'a'.repeat(500))).toBeUndefined();
    expect(transform('{ regex: "(a|aa)*c" }', 'x', 'a'.repeat(500))).toBeUndefined();
  });
});

describe('sources', () => {
  const desk = { kind: 'registered', deviceKind: 'desk', site: 'ahtari', domain: 'ahtari.example' } as const;
  const peer = { kind: 'peer', peer: 'partner' } as const;
  test.each([
    [['any'], true, true], [['registered'], true, false], [['peer'], false, true], [['peer:partner'], false, true], [['peer:operator'], false, false],
    [['local'], false, false], [['kind:desk'], true, false], [['kind:room'], false, false], [['site:ahtari'], true, false],
    [['site:soini', 'peer:partner'], false, true],
  ])('%j', (filters, forDesk, forPeer) => {
    expect(fitsSource(filters, desk)).toBe(forDesk);
    expect(fitsSource(filters, peer)).toBe(forPeer);
  });
});

describe('a plan', () => {
  test('is in order of priority, without what is switched off, its texts in one plan', () => {
    const plan = parseDialPlan([
      { file: 'b.yaml', text: 'transforms:\n  - { name: two, priority: 2, match: { exact: a } }\n  - { name: off, priority: 3, enabled: false, match: { exact: a } }' },
      { file: 'a.yaml', text: 'transforms:\n  - { name: one, priority: 1, match: { exact: a } }\nsearchRules:\n  - { name: last, priority: 9, target: directory }\n  - { name: first, priority: 9, target: { peer: partner } }\n  - { name: top, priority: 1, target: { refuse: 403 } }' },
      { file: 'empty.yaml', text: '# nothing\n' },
    ], options);
    expect(plan.transforms.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(plan.searchRules.map(({ name, where }) => `${name} ${where}`)).toEqual(['top a.yaml:6', 'last a.yaml:4', 'first a.yaml:5']);
    expect(plan.searchRules[1]).toMatchObject({ source: ['any'], protocol: 'any', match: 'any', onMatch: 'continue', target: { kind: 'directory' } });
  });

  const FAULTY: [text: string, faults: string[]][] = [
    ['transforms: 5' + RULE, ['plan.yaml:1 transforms: must be a list']],
    ['[]', ['plan.yaml:1 : must be a mapping with the keys transforms, searchRules']],
    ['rules: []' + RULE, ['plan.yaml:1 rules: unknown key (known: transforms, searchRules)']],
    ['transforms:\n  - just text' + RULE, ['plan.yaml:2 transforms[0]: must be a mapping with the keys name, priority, description, enabled, source, match, replace']],
    ['transforms:\n  - { name: a, prioritty: 1, match: { exact: a } }' + RULE,
      ['plan.yaml:2 transforms[0].prioritty: unknown key (known: name, priority, description, enabled, source, match, replace)', 'plan.yaml:2 transforms[0]: priority is missing']],
    ['transforms:\n  - { name: a, priority: 70000, match: { exact: a } }' + RULE, ['plan.yaml:2 transforms[0].priority: must be a whole number from 1 to 65534']],
    ['transforms:\n  - { name: a, priority: "1", match: { exact: a } }' + RULE, ['plan.yaml:2 transforms[0].priority: must be a whole number from 1 to 65534']],
    ['transforms:\n  - name: a\n    priority: 1\n    match: { exact: 5 }' + RULE, ['plan.yaml:4 transforms[0].match.exact: must be text (put it in quotes)']],
    ['transforms:\n  - { name: a, priority: 1, match: { exact: a, regex: b } }' + RULE, ['plan.yaml:2 transforms[0].match: must have exactly one of exact, name, prefix, suffix, regex']],
    ['transforms:\n  - { name: a, priority: 1, match: { prefix: [a, b] } }' + RULE, ['plan.yaml:2 transforms[0].match.prefix: must be one text']],
    ['transforms:\n  - { name: a, priority: 1, match: { regex: "(" } }' + RULE, ['plan.yaml:2 transforms[0].match.regex: is no regular expression of RE2: missing closing ): `(`']],
    ['transforms:\n  - { name: a, priority: 1, match: { regex: "(?!a)b" } }' + RULE, ['plan.yaml:2 transforms[0].match.regex: is no regular expression of RE2: invalid or unsupported Perl syntax: `(?!`']],
    ['transforms:\n  - { name: a, priority: 1, match: { regex: "a(b)" }, replace: \'\\2\' }' + RULE, ['plan.yaml:2 transforms[0].match.regex: has 1 groups but its replacement uses \\2']],
    ['transforms:\n  - { name: a, priority: 1, match: { regex: "@${caller.domain}" } }' + RULE, ['plan.yaml:2 transforms[0].match.regex: may not use ${caller.domain} in a regular expression (use exact, name, prefix or suffix)']],
    ['transforms:\n  - { name: a, priority: 1, match: { exact: "${realm}" } }' + RULE, ['plan.yaml:2 transforms[0].match.exact: has the unknown variable ${realm} (known: ${domain}, ${caller.domain})']],
    ['transforms:\n  - { name: a, priority: 1, source: desk, match: { exact: a } }' + RULE, ['plan.yaml:2 transforms[0].source: must be any, registered, local, peer, peer:NAME, kind:KIND or site:KEY']],
    ['transforms:\n  - { name: a, priority: 1, source: ["kind:fridge"], match: { exact: a } }' + RULE, ["plan.yaml:2 transforms[0].source[0]: names the unknown kind 'fridge' (known: room, desk)"]],
    ['transforms:\n  - { name: a, priority: 1, match: { exact: a } }\n  - { name: a, priority: 1, match: { exact: b } }' + RULE,
      ['plan.yaml:3 name: "a" is used in plan.yaml:2 already', 'plan.yaml:3 priority: 1 is used in plan.yaml:2 already']],
    ['searchRules:\n  - { name: a, priority: 1 }', ['plan.yaml:2 searchRules[0]: target is missing: directory, {peer: NAME} or {refuse: STATUS}']],
    ['searchRules:\n  - { name: a, priority: 1, target: phonebook }', ['plan.yaml:2 searchRules[0].target: must be directory, {peer: NAME} or {refuse: STATUS}']],
    ['searchRules:\n  - { name: a, priority: 1, target: { peer: nobody } }', ["plan.yaml:2 searchRules[0].target.peer: names the unknown peer 'nobody' (known: partner, operator)"]],
    ['searchRules:\n  - { name: a, priority: 1, target: { refuse: 200 } }', ['plan.yaml:2 searchRules[0].target.refuse: must be a whole number from 400 to 699']],
    ['searchRules:\n  - { name: a, priority: 1, target: { peer: partner, refuse: 404 } }', ['plan.yaml:2 searchRules[0].target: must have exactly one of peer, refuse']],
    ['searchRules:\n  - { name: a, priority: 1, target: directory, replace: x }', ['plan.yaml:2 searchRules[0].replace: needs a match with a pattern']],
    ['searchRules:\n  - { name: a, priority: 1, target: directory, protocol: mgcp, onMatch: perhaps, enabled: maybe }', ['plan.yaml:2 searchRules[0].enabled: must be true or false']],
    ['searchRules:\n  - { name: a, priority: 1, target: directory, protocol: mgcp, onMatch: perhaps }',
      ['plan.yaml:2 searchRules[0].protocol: must be one of any, sip, h323', 'plan.yaml:2 searchRules[0].onMatch: must be one of continue, stop']],
    ['searchRules:\n  - { name: a, priority: 1, enabled: false, target: directory }', ['plan.yaml:1 searchRules: no search rule is enabled: nothing could be dialled']],
    ['searchRules:\n  - &r { name: a, priority: 1, target: directory, match: &m any }\n  - { name: b, priority: 2, target: directory, match: *m }',
      ['plan.yaml:3 searchRules[1].match: aliases (*) are not supported']],
    ['searchRules:\n  - name: a\n    name: b', ['plan.yaml:3 : Map keys must be unique']],
    ['searchRules:\n - [', ['plan.yaml:2 : Flow sequence in block collection must be sufficiently indented and end with a ]']],
  ];
  test.each(FAULTY.map(([text, faults]) => [faults.join('; '), text, faults] as const))(
    'is refused with file, line, key and reason: %s', (_, text, faults) => expect(faultsOf(text)).toEqual(faults));

  test('all faults are found at once and the message shows the first five', () => {
    const text = `transforms:\n${Array.from({ length: 7 }, (_, i) => `  - { name: n${i}, priority: 0, match: { exact: a } }`).join('\n')}${RULE}`;
    expect(faultsOf(text)).toHaveLength(7);
    expect(() => load(text)).toThrow(/the dial plan has 7 faults:\n {2}plan.yaml:2 transforms\[0\].priority: must be.*\n[^]*and 2 more/);
  });

  test('hostile YAML is refused, not run', () => {
    expect(faultsOf('a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nsearchRules: [*b,*b,*b]').length).toBeGreaterThan(0);
    expect(faultsOf(`searchRules: ${'['.repeat(200)}`).length).toBeGreaterThan(0);
    expect(faultsOf(`searchRules:\n  - { name: a, priority: 1, target: directory, match: { regex: ${JSON.stringify(`${'('.repeat(240)}a${'){9}'.repeat(60)}`)} } }`).length).toBeGreaterThan(0);
    expect(faultsOf('searchRules:\n  - { name: a, priority: 1, target: directory, match: { regex: "((a{100}){100}){100}" } }')).toHaveLength(1);
  });
});

describe('a folder of dial plans', () => {
  let folder: string;
  beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'dial-plan-')); });
  afterEach(() => rm(folder, { recursive: true }));

  test('is read in the order of its names; other files are left alone', async () => {
    await writeFile(join(folder, '2.yaml'), 'searchRules:\n  - { name: second, priority: 5, target: directory }');
    await writeFile(join(folder, '1.yml'), 'searchRules:\n  - { name: first, priority: 5, target: directory }');
    await writeFile(join(folder, 'README.md'), 'not: [a plan');
    const plan = await loadDialPlan(folder, options);
    expect(plan.searchRules.map(({ name }) => name)).toEqual(['first', 'second']);
    expect(plan.files).toEqual(['1.yml', '2.yaml']);
  });

  test('that is empty, missing or too large is an error that names it', async () => {
    await expect(loadDialPlan(folder, options)).rejects.toThrow(`${folder}:1: has no dial-plan files (*.yaml)`);
    await expect(loadDialPlan(join(folder, 'none'), options)).rejects.toThrow(DialPlanError);
    await writeFile(join(folder, 'big.yaml'), `#${' '.repeat(1024 * 1024)}`);
    await expect(loadDialPlan(folder, options)).rejects.toThrow('big.yaml:1: is larger than 1048576 bytes');
  });

  test('that comes with the program loads for any domain', async () => {
    const plan = await loadDialPlan(join(__dirname, '../../dialplans'), { domain: 'etapalvelu.test', peers: [], deviceKinds: [] });
    expect(plan.files).toEqual(['default.yaml', 'interpreters.yaml']);
    expect(plan.transforms.find(({ name }) => name === 'bare-name')?.match.apply('kela')).toBe('kela@etapalvelu.test');
  });

  test('has examples in its documentation that load and do what they say', async () => {
    const readme = await readFile(join(__dirname, '../../dialplans/README.md'), 'utf8');
    const examples = [...readme.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => load(text));
    expect(examples).toHaveLength(2);
    const [partner, telephone] = examples.map(({ searchRules }) => searchRules[0]?.match);
    expect(typeof partner === 'object' && partner.apply('help@partner.example')).toBe('help@partner.example');
    expect(typeof telephone === 'object' && telephone.apply('9358291234567@palvelu.example')).toBe('+358291234567');
  });
});
