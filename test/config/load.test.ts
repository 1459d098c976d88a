import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { ConfigError, configTemplate, loadConfig } from '../../src/config';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-config-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

let count = 0;
function written(text: string): string {
  const file = path.join(folder, `c${count++}.yaml`);
  fs.writeFileSync(file, text);
  return file;
}
function problemsOf(text: string, env: NodeJS.ProcessEnv = {}): string[] {
  try {
    loadConfig({ file: written(text), env });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('configuration', () => {
  test('without a file everything stays on loopback and embedded', () => {
    const config = loadConfig({ env: {}, cwd: folder });
    expect(config.sip.engine).toBe('embedded');
    expect(config.sip.listen).toEqual(['sip:127.0.0.1:5060;transport=udp,tcp']);
    expect(config.sip.peers).toEqual([]);
    expect(config.dataDir).toBe(path.join(folder, 'var'));
    expect(fs.existsSync(path.join(config.dialplans, 'default.yaml'))).toBe(true);
  });

  test('paths are taken from the folder of the file', () => {
    const config = loadConfig({ file: written('dataDir: data\nsip:\n  tls: {certFile: c.pem, keyFile: /etc/k.pem}\n'), env: {} });
    expect(config.dataDir).toBe(path.join(folder, 'data'));
    expect(config.sip.tls).toEqual({ certFile: path.join(folder, 'c.pem'), keyFile: '/etc/k.pem' });
  });

  test('the written template is valid and says the defaults', () => {
    const config = loadConfig({ file: written(configTemplate()), env: {}, cwd: folder });
    expect({ ...config, file: undefined }).toEqual({ ...loadConfig({ env: {}, cwd: folder }), file: undefined });
  });

  test('uncommenting every default of the template changes nothing', () => {
    const uncommented = configTemplate().split('\n')
      .filter((line) => !/^\s*# .*[^:]$/.test(line) || /^\s*# ( *)[a-zA-Z]+: \S/.test(line) || /^\s*# +- /.test(line))
      .map((line) => line.replace(/^(\s*)# (?=\s*[a-zA-Z-])/, '$1')).join('\n');
    expect(parse(uncommented)).toMatchObject({ dataDir: 'var', sip: { engine: 'embedded' }, calls: { maxCalls: 2000 } });
  });

  test('an unknown key names the key, the file, the line and what is accepted', () => {
    const [problem] = problemsOf('domain: a.example\nsip:\n  lisen: [x]\n');
    expect(problem).toMatch(/c\d+\.yaml:3: sip\.lisen: no such setting; accepted here: engine, listen,/);
  });

  test('a wrong value names the line and what would be right', () => {
    expect(problemsOf('calls:\n  maxCalls: many\n')[0]).toMatch(/:2: calls\.maxCalls: .*expected number/);
    expect(problemsOf('log:\n  level: loud\n')[0]).toMatch(/:2: log\.level: .*"debug"\|"info"\|"warn"\|"error"/);
    expect(problemsOf('sip:\n  peers:\n    - name: x\n      addresses: [nowhere]\n')[0]).toMatch(/:4: sip\.peers\.0\.addresses\.0: an IP address or network/);
  });

  test('every problem is reported, not only the first', () => {
    expect(problemsOf('calls:\n  maxCalls: 0\n  probeSeconds: 1\n')).toHaveLength(2);
  });

  test('broken YAML names the line', () => {
    expect(problemsOf('sip:\n  listen: [\n')[0]).toMatch(/c\d+\.yaml:\d+: /);
    expect(problemsOf('just a sentence')[0]).toMatch(/:1: a mapping of settings was expected/);
  });

  test('the environment overrides the file', () => {
    const config = loadConfig({
      file: written('domain: a.example\n'),
      env: { ETASILTA_DOMAIN: 'b.example', ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:1 sip:[::1]:2', ETASILTA_CALLS_MAX_CALLS: '7', ETASILTA_SIP_TRUST_FLOW: 'false' },
    });
    expect(config).toMatchObject({ domain: 'b.example', calls: { maxCalls: 7 }, sip: { listen: ['sip:127.0.0.1:1', 'sip:[::1]:2'], trustFlow: false } });
  });

  test('a wrong or unknown variable is named', () => {
    expect(problemsOf('', { ETASILTA_CALLS_MAX_CALLS: 'many' })[0]).toMatch(/^ETASILTA_CALLS_MAX_CALLS: /);
    expect(problemsOf('', { ETASILTA_CALLS_MAXCALLS: '1' })[0]).toMatch(/^ETASILTA_CALLS_MAXCALLS: no such setting; the nearest is ETASILTA_CALLS_/);
  });

  test('a data folder whose path leaves no room for a socket is refused, not cut off', () => {
    const long = 'x'.repeat(110);
    expect(problemsOf(`domain: a.example\ndataDir: /${long}\n`)[0]).toMatch(/c\d+\.yaml:2: dataDir: \/x+ is longer than 94 octets/);
    expect(problemsOf('', { ETASILTA_DATA_DIR: `/${long}` })[0]).toMatch(/^ETASILTA_DATA_DIR: \/x+ is longer/);
    expect(problemsOf(`dataDir: /${'x'.repeat(93)}\n`)).toEqual([]);
  });

  test('an alias bomb is refused', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefgh'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`).join(',')}]`)].join('\n');
    expect(problemsOf(bomb)[0]).toMatch(/alias/);
  });

  test('H.323 is off, and on loopback until another address is set; an address that is none in particular needs one to tell', () => {
    expect(loadConfig({ env: {}, cwd: folder }).h323).toMatchObject({ enabled: false, address: '127.0.0.1', rasPort: 1719, signallingPort: 1720, unauthenticated: [], callModel: 'gatekeeperRouted' });
    expect(problemsOf('h323: {enabled: true, address: 0.0.0.0}\n')[0]).toMatch(/:1: h323: .*advertisedAddress is needed/);
    expect(problemsOf('h323: {neighbours: [{name: vero, address: gk.vero.example}]}\n')[0]).toMatch(/h323\.neighbours\.0\.address: an IP address/);
    expect(problemsOf('h323: {neighbours: [{name: vero, address: "192.0.2.1"}, {name: vero, address: "[2001:db8::1]:1719"}]}\n')[0]).toMatch(/two neighbours have the same name/);
  });
});
