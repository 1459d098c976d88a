import { inLanguage, timeText, type HoursDecision } from '../desk';
import type { LocalizedText } from '../directory';

type Texts = Record<'fi' | 'sv' | 'en', string>;

/** Names of the folders that no record of the directory names. */
export const FOLDER_NAMES = {
  root: { fi: 'Puhelinluettelo', sv: 'Telefonkatalog', en: 'Phone book' },
  authorities: { fi: 'Viranomaiset', sv: 'Myndigheter', en: 'Authorities' },
  interpreters: { fi: 'Tulkit', sv: 'Tolkar', en: 'Interpreters' },
  classes: { fi: 'Palvelut aiheittain', sv: 'Tjänster efter ämne', en: 'Services by subject' },
  municipalities: { fi: 'Kunnat', sv: 'Kommuner', en: 'Municipalities' },
} satisfies Record<string, Texts>;

const CLASS_NAMES: Record<string, Texts> = {
  advice: { fi: 'Neuvonta', sv: 'Rådgivning', en: 'Advice' },
  interpreting: { fi: 'Tulkkaus', sv: 'Tolkning', en: 'Interpreting' },
  room: { fi: 'Kokoushuoneet', sv: 'Mötesrum', en: 'Meeting rooms' },
  test: { fi: 'Yhteyden testaus', sv: 'Test av förbindelsen', en: 'Connection test' },
};

/** The shown name of a kind of service; a kind that is not known here names itself. */
export const className = (kind: string): LocalizedText =>
  CLASS_NAMES[kind] ?? { fi: kind.charAt(0).toUpperCase() + kind.slice(1) };

/** The name of a language in another, as the platform knows it; else its code. */
export function languageName(code: string, language: string): string {
  const name = new Intl.DisplayNames([language, 'fi'], { type: 'language' }).of(code) ?? code;
  return name.charAt(0).toUpperCase() + name.slice(1);
}

const WORDS = {
  fi: { search: 'Hae', next: 'Seuraavat' },
  sv: { search: 'Sök', next: 'Nästa' },
  en: { search: 'Search', next: 'Next' },
};

/** What phones show beside entries. */
export const pageTexts = (language: string): { search: string; next: string } => WORDS[spokenIn(language)];

const spokenIn = (language: string): keyof Texts => (language === 'sv' || language === 'en' ? language : 'fi');

const OPEN: Texts = { fi: 'avoinna', sv: 'öppet', en: 'open' };
const UNTIL: Texts = { fi: 'sulkeutuu', sv: 'stänger', en: 'closes' };
const CLOSED: Texts = { fi: 'suljettu', sv: 'stängt', en: 'closed' };
const OPENS: Texts = { fi: 'avataan', sv: 'öppnar', en: 'opens' };

/** Texts of a decision within one hour: all who ask about a service get the same decision until it changes. */
const told = new WeakMap<HoursDecision, { hour: number; texts: Map<string, string | undefined> }>();
const HOUR_MS = 3_600_000;

/** As {@link openTextOf}, made once an hour. */
export function openText(decision: HoursDecision, now: Date, language: string): string | undefined {
  const hour = Math.floor(now.getTime() / HOUR_MS);
  let known = told.get(decision);
  if (known?.hour !== hour) told.set(decision, known = { hour, texts: new Map() });
  const spoken = spokenIn(language);
  if (!known.texts.has(spoken)) known.texts.set(spoken, openTextOf(decision, now, spoken));
  return known.texts.get(spoken);
}

/** `avoinna, sulkeutuu klo 15.00`, `suljettu, avataan ma 23.11.2026 klo 9.00`; undefined for what is always open. */
function openTextOf({ open, reason, until, opensAt, timezone }: HoursDecision, now: Date, spoken: keyof Texts): string | undefined {
  if (reason === 'always') return undefined;
  const state = open ? OPEN : CLOSED;
  const change = open ? until : opensAt;
  if (change === undefined) return state[spoken];
  const [today, then] = [now, change].map((at) => timeText(at, spoken, timezone).split(/ (?=klo |kl\. |at )/)) as [string[], string[]];
  return `${state[spoken]}, ${(open ? UNTIL : OPENS)[spoken]} ${(then[0] === today[0] ? then.slice(1) : then).join(' ')}`;
}

export const textIn = (text: LocalizedText, language: string): string => inLanguage(text, language) ?? '';
