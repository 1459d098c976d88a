import { isScalar, isSeq } from 'yaml';
import { splitFilter, type RuleTarget, type SearchRule, type SourceFilter, type Transform } from './dial-plan';
import { compilePattern, MAX_PATTERN, PATTERN_TYPES, type Pattern } from './dial-plan-pattern';
import type { Place, YamlReader } from './dial-plan-reader';

/** What the program knows and a plan may name; a name outside a given list is a fault. */
export interface DialPlanOptions {
  /** This system's domain, for `${domain}`. */
  domain: string;
  peers?: readonly string[];
  deviceKinds?: readonly string[];
}

const RULE_KEYS = ['name', 'priority', 'description', 'enabled', 'source', 'match', 'replace'] as const;
const SEARCH_KEYS = [...RULE_KEYS, 'protocol', 'target', 'onMatch'] as const;
/** Statuses that a rule may refuse with: final failures (RFC 3261 section 21.4 to 21.6). */
const REFUSE_LOW = 400;
const REFUSE_HIGH = 699;
const TARGETS = 'directory, {peer: NAME} or {refuse: STATUS}';
const MAX_PRIORITY = 65534;
const MAX_TEXT = 200;
const MAX_TEXTS = 200;

type Fields = Partial<Record<(typeof SEARCH_KEYS)[number], Place>>;

interface Common {
  rule: Omit<Transform, 'match'>;
  enabled: boolean;
  fields: Fields;
}

/** One entry of `transforms`; undefined when it is faulty or switched off. */
export function readTransform(reader: YamlReader, place: Place, options: DialPlanOptions): Transform | undefined {
  const common = readCommon(reader, place, RULE_KEYS, options);
  if (common === undefined) return undefined;
  const { match: matchPlace, replace } = common.fields;
  if (matchPlace === undefined) return reader.wrong(place, 'match is missing');
  const match = readPattern(reader, matchPlace, replace, options);
  return match === undefined || !common.enabled ? undefined : { ...common.rule, match };
}

/** One entry of `searchRules`; undefined when it is faulty or switched off. */
export function readSearchRule(reader: YamlReader, place: Place, options: DialPlanOptions): SearchRule | undefined {
  const common = readCommon(reader, place, SEARCH_KEYS, options);
  if (common === undefined) return undefined;
  const { fields } = common;
  if (fields.target === undefined) return reader.wrong(place, `target is missing: ${TARGETS}`);
  const word = fields.match !== undefined && isScalar(fields.match.node);
  const match = fields.match === undefined ? 'any'
    : word ? reader.choice(fields.match, ['any', 'ip'] as const)
      : readPattern(reader, fields.match, fields.replace, options);
  if (fields.replace !== undefined && (word || fields.match === undefined)) reader.wrong(fields.replace, 'needs a match with a pattern');
  const target = readTarget(reader, fields.target, options);
  const protocol = fields.protocol === undefined ? 'any' : reader.choice(fields.protocol, ['any', 'sip', 'h323'] as const);
  const onMatch = fields.onMatch === undefined ? 'continue' : reader.choice(fields.onMatch, ['continue', 'stop'] as const);
  if (match === undefined || target === undefined || protocol === undefined || onMatch === undefined || !common.enabled) return undefined;
  return { ...common.rule, match, target, protocol, onMatch };
}

function readCommon(reader: YamlReader, place: Place, keys: readonly (typeof SEARCH_KEYS)[number][], options: DialPlanOptions): Common | undefined {
  const fields: Fields | undefined = reader.fields(place, keys);
  if (fields === undefined) return undefined;
  for (const key of ['name', 'priority'] as const) if (fields[key] === undefined) reader.wrong(place, `${key} is missing`);
  if (fields.name === undefined || fields.priority === undefined) return undefined;
  const name = reader.text(fields.name, MAX_TEXT);
  const priority = reader.integer(fields.priority, 1, MAX_PRIORITY);
  const description = fields.description && reader.text(fields.description, MAX_TEXT);
  const enabled = fields.enabled === undefined ? true : reader.boolean(fields.enabled);
  const source = fields.source === undefined ? ['any'] : readSources(reader, fields.source, options);
  if (name === undefined || priority === undefined || enabled === undefined || source === undefined) return undefined;
  if (name.trim() === '') return reader.wrong(fields.name, 'is empty');
  const where = `${reader.file}:${place.line}`;
  return { rule: { name, priority, source, where, ...(description === undefined ? {} : { description }) }, enabled, fields };
}

function readSources(reader: YamlReader, place: Place, options: DialPlanOptions): SourceFilter[] | undefined {
  const places = isScalar(place.node) ? [place] : reader.items(place, 100);
  const filters = places.map((item) => readSource(reader, item, options));
  return filters.length === 0 || filters.includes(undefined) ? undefined : (filters as SourceFilter[]);
}

function readSource(reader: YamlReader, place: Place, options: DialPlanOptions): SourceFilter | undefined {
  const filter = reader.text(place, MAX_TEXT);
  if (filter === undefined || ['any', 'registered', 'local', 'peer'].includes(filter)) return filter;
  const [kind, value = ''] = splitFilter(filter);
  if (value === '' || !['peer', 'kind', 'site'].includes(kind)) {
    return reader.wrong(place, 'must be any, registered, local, peer, peer:NAME, kind:KIND or site:KEY');
  }
  const known = kind === 'peer' ? options.peers : kind === 'kind' ? options.deviceKinds : undefined;
  return known === undefined || known.includes(value) ? filter : unknownName(reader, place, kind, value, known);
}

const unknownName = (reader: YamlReader, place: Place, kind: string, name: string, known: readonly string[]): undefined =>
  reader.wrong(place, `names the unknown ${kind} '${name}' (known: ${known.join(', ') || 'none'})`);

function readPattern(reader: YamlReader, place: Place, replacePlace: Place | undefined, options: DialPlanOptions): Pattern | undefined {
  const fields = reader.fields(place, PATTERN_TYPES);
  if (fields === undefined) return undefined;
  const type = PATTERN_TYPES.find((candidate) => fields[candidate] !== undefined);
  const at = type && fields[type];
  if (type === undefined || at === undefined || Object.keys(fields).length !== 1) {
    return reader.wrong(place, `must have exactly one of ${PATTERN_TYPES.join(', ')}`);
  }
  const places = isSeq(at.node) ? reader.items(at, MAX_TEXTS) : [at];
  const texts = places.map((item) => reader.text(item, MAX_PATTERN)).filter((text) => text !== undefined);
  const replace = replacePlace && reader.text(replacePlace, MAX_PATTERN);
  if (texts.length < places.length || (replacePlace !== undefined && replace === undefined)) return undefined;
  const pattern = compilePattern(type, texts, replace, options.domain);
  return typeof pattern === 'string' ? reader.wrong(at, pattern) : pattern;
}

function readTarget(reader: YamlReader, place: Place, options: DialPlanOptions): RuleTarget | undefined {
  if (isScalar(place.node)) return place.node.value === 'directory' ? { kind: 'directory' } : reader.wrong(place, `must be ${TARGETS}`);
  const fields = reader.fields(place, ['peer', 'refuse', 'reason'] as const);
  if (fields === undefined) return undefined;
  if ((fields.peer === undefined) === (fields.refuse === undefined)) return reader.wrong(place, 'must have exactly one of peer, refuse');
  if (fields.peer !== undefined) {
    if (fields.reason !== undefined) return reader.wrong(fields.reason, 'belongs to refuse, not to peer');
    const peer = reader.text(fields.peer, MAX_TEXT);
    if (peer === undefined) return undefined;
    return options.peers === undefined || options.peers.includes(peer) ? { kind: 'peer', peer } : unknownName(reader, fields.peer, 'peer', peer, options.peers);
  }
  const status = fields.refuse && reader.integer(fields.refuse, REFUSE_LOW, REFUSE_HIGH);
  const reason = fields.reason && reader.text(fields.reason, MAX_TEXT);
  return status === undefined ? undefined : { kind: 'refuse', status, ...(reason === undefined ? {} : { reason }) };
}
