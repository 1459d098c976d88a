import { isLanguage } from '../addressing';
import type { Report } from './fields';
import type { AnyKind, AnyRecord } from './kind';
import { fieldsOf, KINDS } from './kinds';
import type { Credentials, LocalizedText } from './model';
import type { KindName } from './errors';

/**
 * A record as named texts: the columns of CSV, `column=value` on the command line, the lines of a difference. A column is its
 * field in snake case; text by language takes a column a language (`name_fi`, `description_sv`), credentials take four.
 */
export interface Column {
  name: string;
  field: string;
  /** Puts the value of non-empty text (undefined: no value) into a record that is then read as a whole. */
  assign(record: AnyRecord, text: string | undefined, report: Report): void;
  /** The text of a canonical record's value; undefined: no value. */
  show(record: AnyRecord): string | undefined;
}

/** Fields of text by language and the prefix of their columns. */
const LOCALIZED: Record<string, string> = { names: 'name', description: 'description', title: 'title' };
/** Languages that get a column even when nobody uses them. */
export const MAIN_LANGUAGES = ['fi', 'sv', 'en'] as const;
export const CREDENTIAL_COLUMNS = { username: 'username', realm: 'realm', ha1_md5: 'ha1Md5', ha1_sha256: 'ha1Sha256' } as const;

const snake = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The columns of a kind without those of credentials, in the order of the model; text by language in `languages`. */
export function columnsOf(kind: AnyKind, languages: readonly string[] = MAIN_LANGUAGES): Column[] {
  return fieldsOf(kind).flatMap(([field]) => {
    if (field === 'credentials') return [];
    const prefix = LOCALIZED[field];
    return prefix === undefined ? [plain(kind, field)] : languages.map((language) => localized(field, prefix, language));
  });
}

export const credentialColumns = (): Column[] => Object.entries(CREDENTIAL_COLUMNS).map(([name, part]) => credential(name, part));

/** The column of this name, also one of another language, of credentials, or (devices, for writing only) `password`. */
export function findColumn(kind: AnyKind, name: string): Column | undefined {
  const fixed = BY_NAME.get(kind.name)?.get(name);
  if (fixed) return fixed;
  const [, prefix, language = ''] = /^(name|description|title)_([a-z]{2,3})$/.exec(name) ?? [];
  const field = Object.keys(LOCALIZED).find((one) => LOCALIZED[one] === prefix && one in kind.fields);
  return field !== undefined && prefix !== undefined && isLanguage(language) ? localized(field, prefix, language) : undefined;
}

/** Names of all columns that a kind knows, for help. */
export const columnNames = (kind: AnyKind): string[] => [...(BY_NAME.get(kind.name)?.keys() ?? [])];

/** What a record says, column by column, for people: digests are told to be there, not shown. */
export function describeRecord(kind: AnyKind, record: AnyRecord): Map<string, string> {
  const lines = new Map<string, string>();
  const languages = new Set<string>(MAIN_LANGUAGES);
  for (const field of Object.keys(LOCALIZED)) {
    if (field in kind.fields) for (const language of Object.keys(record[field] ?? {})) languages.add(language);
  }
  for (const column of columnsOf(kind, [...languages])) {
    const text = column.show(record);
    if (text !== undefined && text !== '') lines.set(column.name, text);
  }
  const credentials = record.credentials as Credentials | undefined;
  if (credentials) {
    lines.set('username', credentials.username);
    lines.set('realm', credentials.realm);
    lines.set('password', `(set: ${[credentials.ha1Md5 && 'MD5', credentials.ha1Sha256 && 'SHA-256'].filter(Boolean).join(', ')})`);
  }
  return lines;
}

function plain(kind: AnyKind, field: string): Column {
  const type = fieldsOf(kind).find(([name]) => name === field)?.[1].type;
  return {
    name: snake(field),
    field,
    assign(record, text, report) {
      record[field] = text === undefined ? null : type?.parse(text, report);
    },
    show: (record) => (record[field] == null ? undefined : type?.format(record[field])),
  };
}

const localized = (field: string, prefix: string, language: string): Column => ({
  name: `${prefix}_${language}`,
  field,
  assign(record, text) {
    const texts = record[field] as LocalizedText | null | undefined;
    if (text !== undefined) {
      // In two steps: a spread with a computed name after it takes three times as long.
      const changed = { ...texts };
      changed[language] = text;
      record[field] = changed;
    } else if (texts?.[language] === undefined) {
      record[field] ??= null;
    } else {
      const others = Object.entries(texts).filter(([code]) => code !== language);
      record[field] = others.length > 0 ? Object.fromEntries(others) : null;
    }
  },
  show: (record) => (record[field] as LocalizedText | undefined)?.[language],
});

const credential = (name: string, part: keyof Credentials): Column => ({
  name,
  field: 'credentials',
  assign(record, text) {
    if (text !== undefined) record.credentials = { ...(record.credentials as object | undefined), [part]: text };
  },
  show: (record) => (record.credentials as Credentials | undefined)?.[part],
});

const password: Column = {
  name: 'password',
  field: 'password',
  assign(record, text) {
    if (text !== undefined) record.password = text;
  },
  show: () => undefined,
};

const BY_NAME = new Map<KindName, Map<string, Column>>(KINDS.map((kind) => {
  const columns = [...columnsOf(kind), ...('credentials' in kind.fields ? [...credentialColumns(), password] : [])];
  return [kind.name, new Map(columns.map((column) => [column.name, column]))];
}));
