import fs from 'node:fs';
import path from 'node:path';
import { LineCounter, isMap, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { EtasiltaError } from '../errors';
import { envNames } from './environment';
import { configSchema, type Config } from './schema';
import { unwrap } from './unwrap';

/** Names the setting, the file and line (or environment variable), and what would be accepted. */
export class ConfigError extends EtasiltaError {
  constructor(readonly problems: string[]) {
    super('config', problems.join('\n'), { hint: 'See `etasilta init --print` for every setting with its meaning.' });
  }
}

/** Read from the working folder when no other file is named. */
export const DEFAULT_FILE = 'etasilta.yaml';
const MAX_BYTES = 1_000_000;
/** unix(7): the path of a socket has 107 octets at most; of a longer one the end is silently cut off. */
const MAX_DATA_DIR = 107 - '/control.sock'.length;
const PACKAGED_DIALPLANS = path.resolve(__dirname, '../../dialplans');

export interface LoadOptions {
  /** `--config FILE`; without it `etasilta.yaml` of the working folder is read when there is one. */
  file?: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}

/** Reads the file, lays the environment over it, checks everything and makes paths absolute. Throws ConfigError. */
export function loadConfig({ file, env = process.env, cwd = process.cwd() }: LoadOptions = {}): Config {
  const found = file ?? env.ETASILTA_CONFIG ?? (fs.existsSync(path.join(cwd, DEFAULT_FILE)) ? DEFAULT_FILE : undefined);
  const absolute = found && path.resolve(cwd, found);
  const source = absolute ? read(absolute) : undefined;
  const values = source?.value ?? {};
  const fromEnv = overlay(values, env);

  const result = configSchema.safeParse(values);
  if (!result.success) {
    throw new ConfigError(result.error.issues.flatMap((issue) => describe(issue, source, fromEnv)));
  }
  const config = resolvePaths(result.data, absolute, cwd);
  if (Buffer.byteLength(config.dataDir) > MAX_DATA_DIR) {
    throw new ConfigError([`${placeOf(['dataDir'], source, fromEnv)}: ${config.dataDir} is longer than ${MAX_DATA_DIR} octets, so no socket can be made in it`]);
  }
  return config;
}

interface Source {
  file: string;
  value: Record<string, unknown>;
  document: Document;
  lines: LineCounter;
}

function read(file: string): Source {
  let text: string;
  try {
    if (fs.statSync(file).size > MAX_BYTES) throw new Error(`larger than ${MAX_BYTES} bytes`);
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError([`${file}: cannot be read: ${(error as Error).message}`]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    throw new ConfigError(document.errors.map((error) => `${file}:${lines.linePos(error.pos[0]).line}: ${error.message.split('\n')[0]}`));
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 20 }) ?? {};
  } catch (error) {
    throw new ConfigError([`${file}: ${(error as Error).message}`]);
  }
  if (!isMap(document.contents) && document.contents !== null) throw new ConfigError([`${file}:1: a mapping of settings was expected`]);
  return { file, value: withoutNulls(value) as Record<string, unknown>, document, lines };
}

/** A section whose settings are all commented out reads as null: nothing is set there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, child]) => child !== null).map(([key, child]) => [key, withoutNulls(child)]));
}

/** Writes `ETASILTA_…` values over the file's; returns which variable set which path. */
function overlay(values: Record<string, unknown>, env: NodeJS.ProcessEnv): Map<string, string> {
  const known = envNames();
  const set = new Map<string, string>();
  const problems: string[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('ETASILTA_') || text === undefined || /^ETASILTA_(CONFIG$|TEST_|BENCH_)/.test(name)) continue;
    const setting = known.get(name);
    if (!setting) {
      problems.push(`${name}: no such setting; the nearest is ${nearest(name, [...known.keys()])}`);
      continue;
    }
    let at = values;
    for (const key of setting.path.slice(0, -1)) {
      if (typeof at[key] !== 'object' || at[key] === null) at[key] = {};
      at = at[key] as Record<string, unknown>;
    }
    at[setting.path.at(-1) as string] = setting.parse(text);
    set.set(setting.path.join('.'), name);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return set;
}

function describe(issue: z.core.$ZodIssue, source: Source | undefined, fromEnv: Map<string, string>): string[] {
  const where = (keys: PropertyKey[]): string => placeOf(keys, source, fromEnv);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${where([...issue.path, key])}: no such setting; accepted here: ${keysAt(issue.path).join(', ')}`);
  }
  return [`${where(issue.path)}: ${issue.message}`];
}

/** The variable, or file and line, that a setting came from. */
function placeOf(keys: PropertyKey[], source: Source | undefined, fromEnv: Map<string, string>): string {
  const variable = fromEnv.get(keys.join('.')) ?? fromEnv.get(keys.slice(0, -1).join('.'));
  if (variable) return variable;
  return source ? `${source.file}:${lineOf(source, keys)}: ${keys.join('.')}` : keys.join('.');
}

function lineOf(source: Source, keys: PropertyKey[]): number {
  for (let depth = keys.length; depth > 0; depth--) {
    const parent = source.document.getIn(keys.slice(0, depth - 1), true);
    const key = keys[depth - 1];
    const node = isMap(parent)
      ? (parent.items.find((pair) => String(pair.key) === key)?.key as { range?: [number] } | undefined)
      : (source.document.getIn(keys.slice(0, depth), true) as { range?: [number] } | undefined);
    if (node?.range) return source.lines.linePos(node.range[0]).line;
  }
  return 1;
}

function keysAt(at: PropertyKey[]): string[] {
  let schema: z.ZodType = configSchema;
  for (const key of at) {
    schema = unwrap(schema);
    if (schema instanceof z.ZodObject) schema = schema.shape[key as string] as z.ZodType;
    else if (schema instanceof z.ZodArray) schema = schema.element as z.ZodType;
  }
  schema = unwrap(schema);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function nearest(name: string, names: string[]): string {
  const shared = (other: string): number => name.split('_').filter((word) => other.split('_').includes(word)).length;
  return names.reduce((best, other) => (shared(other) > shared(best) ? other : best));
}

function resolvePaths(config: z.output<typeof configSchema>, file: string | undefined, cwd: string): Config {
  const base = file ? path.dirname(file) : cwd;
  const absolute = (name: string): string => path.resolve(base, name);
  const { tls, drachtio } = config.sip;
  const pageTls = config.web.tls;
  const booksTls = config.phonebook.tls;
  const ldapTls = config.ldap.tls;
  return {
    ...config,
    file,
    dataDir: absolute(config.dataDir),
    dialplans: config.dialplans ? absolute(config.dialplans) : PACKAGED_DIALPLANS,
    phonebook: {
      ...config.phonebook, ...(booksTls && { tls: { certFile: absolute(booksTls.certFile), keyFile: absolute(booksTls.keyFile) } }),
      readers: config.phonebook.readers.map((reader) => ({ ...reader, ...(reader.secretFile && { secretFile: absolute(reader.secretFile) }) })),
    },
    h323: {
      ...config.h323,
      neighbours: config.h323.neighbours.map((neighbour) => ({ ...neighbour, ...(neighbour.passwordFile && { passwordFile: absolute(neighbour.passwordFile) }) })),
    },
    ldap: {
      ...config.ldap, ...(config.ldap.socket !== undefined && { socket: absolute(config.ldap.socket) }),
      ...(ldapTls && { tls: { certFile: absolute(ldapTls.certFile), keyFile: absolute(ldapTls.keyFile) } }),
    },
    media: {
      ...config.media, ...(config.media.prompts && { prompts: absolute(config.media.prompts) }),
      servers: config.media.servers.map((server) => ({ ...server, ...(server.passwordFile && { passwordFile: absolute(server.passwordFile) }) })),
    },
    web: { ...config.web, ...(pageTls && { tls: { certFile: absolute(pageTls.certFile), keyFile: absolute(pageTls.keyFile) } }) },
    sip: {
      ...config.sip,
      ...(tls ? { tls: { certFile: absolute(tls.certFile), keyFile: absolute(tls.keyFile) } } : {}),
      drachtio: { ...drachtio, ...(drachtio.secretFile ? { secretFile: absolute(drachtio.secretFile) } : {}) },
    },
  };
}
