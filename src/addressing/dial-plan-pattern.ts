import { RE2JS } from 're2js';
import { foldLetters } from './fold';

export const PATTERN_TYPES = ['exact', 'name', 'prefix', 'suffix', 'regex'] as const;
export type PatternType = (typeof PATTERN_TYPES)[number];

/** Longest pattern or replacement, in characters. */
export const MAX_PATTERN = 500;
const CALLER_DOMAIN = '${caller.domain}';

/** A compiled `match` with its `replace`. */
export interface Pattern {
  type: PatternType;
  /** As it stands in the file; several of `exact` and `name` joined by ", ". */
  text: string;
  replace?: string;
  /**
   * The alias after the replacement (unchanged without one), or undefined when the pattern does not match.
   * @param callerDomain domain of the calling device's address, for `${caller.domain}`
   */
  apply(alias: string, callerDomain?: string): string | undefined;
}

/**
 * Compiles a pattern; a string says what is wrong with it. `exact` and `name` take several texts, the others one. `name` is a
 * bare name, or that name at this system's or the caller's own domain: SIP devices append a domain to what is dialled bare.
 * A regular expression must match the whole alias, has RE2 syntax and runs in linear time; `\1` to `\9` in the replacement
 * are its groups. `${domain}` is this system's domain.
 */
export function compilePattern(type: PatternType, texts: readonly string[], replace: string | undefined, domain: string): Pattern | string {
  const [text = ''] = texts;
  if (texts.includes('') || text === '') return 'is empty';
  if (texts.length > 1 && type !== 'exact' && type !== 'name') return 'must be one text';
  const all = [...texts, replace ?? ''];
  if (all.some((one) => one.length > MAX_PATTERN)) return `has more than ${MAX_PATTERN} characters`;
  const unknown = /\$\{(?!domain\}|caller\.domain\})[^}]*\}?/.exec(all.join(' '));
  if (unknown !== null) return `has the unknown variable ${unknown[0]} (known: \${domain}, ${CALLER_DOMAIN})`;
  const apply = type === 'regex' ? compileRegex(text, replace, domain)
    : type === 'exact' || type === 'name' ? compileWhole(type, texts, replace, domain)
      : compileEnd(type, text, replace, domain);
  return typeof apply === 'string' ? apply : { type, text: texts.join(', '), ...(replace === undefined ? {} : { replace }), apply };
}

type Apply = Pattern['apply'];

function compileWhole(type: 'exact' | 'name', texts: readonly string[], replace: string | undefined, domain: string): Apply {
  const wanted = texts.map((text) => expander(foldLetters(text), domain));
  // Texts without the caller's domain are found at once, however many there are.
  const fixed = new Set(wanted.map((expand) => expand()));
  const moving = wanted.filter((expand) => expand() === undefined);
  const replacement = replace === undefined ? undefined : expander(replace, domain);
  return (alias, callerDomain) => {
    const whole = type === 'exact' ? alias.toLowerCase() : bareName(alias.toLowerCase(), domain, callerDomain);
    if (whole === undefined || !(fixed.has(whole) || moving.some((expand) => expand(callerDomain) === whole))) return undefined;
    return replacement === undefined ? alias : replacement(callerDomain);
  };
}

function bareName(alias: string, domain: string, callerDomain: string | undefined): string | undefined {
  const at = alias.lastIndexOf('@');
  if (at < 0) return alias;
  const own = alias.slice(at + 1);
  return own === domain || own === callerDomain ? alias.slice(0, at) : undefined;
}

function compileEnd(type: 'prefix' | 'suffix', text: string, replace: string | undefined, domain: string): Apply {
  const wanted = expander(foldLetters(text), domain);
  const replacement = replace === undefined ? undefined : expander(replace, domain);
  return (alias, callerDomain) => {
    const part = wanted(callerDomain);
    if (part === undefined) return undefined;
    const folded = alias.toLowerCase();
    if (!(type === 'prefix' ? folded.startsWith(part) : folded.endsWith(part))) return undefined;
    if (replacement === undefined) return alias;
    const put = replacement(callerDomain);
    if (put === undefined) return undefined;
    return type === 'prefix' ? put + alias.slice(part.length) : alias.slice(0, alias.length - part.length) + put;
  };
}

/** Puts the variables in; undefined when the caller has no domain and one is asked for. */
function expander(text: string, domain: string): (callerDomain?: string) => string | undefined {
  const own = text.replaceAll('${domain}', domain);
  return own.includes(CALLER_DOMAIN)
    ? (callerDomain) => (callerDomain === undefined ? undefined : own.replaceAll(CALLER_DOMAIN, callerDomain))
    : () => own;
}

function compileRegex(text: string, replace: string | undefined, domain: string): Apply | string {
  if ((text + (replace ?? '')).includes(CALLER_DOMAIN)) return `may not use ${CALLER_DOMAIN} in a regular expression (use exact, name, prefix or suffix)`;
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(text.replaceAll('${domain}', RE2JS.quote(domain)), RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    const reason = (error as Error).message.replace('error parsing regexp: ', '').replace('`(?i)', '`');
    return `is no regular expression of RE2: ${reason}`;
  }
  const parts = (replace ?? '').replaceAll('${domain}', domain).split(/\\(\d)/);
  const highest = Math.max(0, ...parts.filter((_, i) => i % 2 === 1).map(Number));
  if (highest > expression.groupCount()) return `has ${expression.groupCount()} groups but its replacement uses \\${highest}`;
  return (alias) => {
    const matcher = expression.matcher(alias);
    if (!matcher.matches()) return undefined;
    if (replace === undefined) return alias;
    return parts.map((part, i) => (i % 2 === 0 ? part : (matcher.group(Number(part)) ?? ''))).join('');
  };
}
