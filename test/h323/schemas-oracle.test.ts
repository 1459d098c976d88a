import { asn1Module } from '../../src/h323/per';
import { describePeer } from '../peers/harness';
import { CATALOGUE } from './support/catalogue';
import { ErlangOracle } from './support/erlang';
import { disagreements, type Subject } from './support/oracle-check';
import { publishedModules, typesOf } from './support/published-modules';

const COMPILE_LIMIT_MS = 900_000;
const VALUES_EACH = 20;

describePeer(['erlc', 'erl'], 'random values of every schema of the standards go both ways through Erlang', () => {
  test('compiled from the schemas in ASN.1 notation', () => {
    const oracle = ErlangOracle.compile({ H323: asn1Module('H323', CATALOGUE) });
    const subjects = Object.entries(CATALOGUE).map(([type, schema]): Subject => ({ name: type, schema, module: 'H323', type }));
    expect(subjects.length).toBeGreaterThan(500);
    expect(disagreements(oracle, subjects, VALUES_EACH, 2)).toEqual([]);
  }, COMPILE_LIMIT_MS);

  const published = publishedModules();
  const title = "compiled from the ITU's own modules of H.225.0, H.235 and H.245";
  if ('missing' in published) {
    test.skip(`${title} (${published.missing})`, () => undefined);
    return;
  }
  test(title, () => {
    const oracle = ErlangOracle.compile(published);
    const prefixes: Record<string, string> = { 'H323-MESSAGES': 'H225', 'H235-SECURITY-MESSAGES': 'H235', 'MULTIMEDIA-SYSTEM-CONTROL': 'H245' };
    const subjects = Object.entries(published).flatMap(([module, text]) => [...typesOf(text)].map(([name, type]): Subject => {
      const schema = CATALOGUE[`${prefixes[module]}-${name}`];
      if (!schema) throw new Error(`${type} of ${module} has no schema`);
      return { name: `${module}.${type}`, schema, module, type };
    }));
    expect(disagreements(oracle, subjects, VALUES_EACH, 3)).toEqual([]);
  }, COMPILE_LIMIT_MS);
});
