import type { AddressFault } from '../addressing';
import { closedText, type HoursDecision } from '../desk';
import type { Service } from '../directory/model';
import { warning } from '../errors';
import type { ReasonCode, Refusal } from './types';

/**
 * SIP status (RFC 3261 section 21) and Q.850 cause of each refusal; the pairs follow RFC 3398 section 8.2.6.1 except where Q.850
 * has the closer word: 20 subscriber absent (nobody to ring), 31 normal, unspecified (closed).
 */
const CAUSES: Record<Exclude<ReasonCode, 'refused-by-rule'>, [status: number, q850: number]> = {
  'not-an-address': [484, 28],
  incomplete: [484, 28],
  unknown: [404, 1],
  ambiguous: [300, 1],
  'language-not-served': [404, 1],
  closed: [480, 31],
  'no-agent': [480, 20],
  // 410 rather than 403: it is the address that is closed down, for everybody (RFC 3261 section 21.4.11).
  disabled: [410, 22],
  moved: [410, 22],
  'caller-not-allowed': [403, 21],
  loop: [482, 25],
  'hop-limit': [483, 25],
  'dial-plan-fault': [500, 41],
};

/** What a rule may refuse with, as Q.850; any other status is "call rejected". */
const CAUSE_OF_RULE: Record<number, number> = { 404: 1, 410: 22, 480: 20, 484: 28, 486: 17, 488: 88, 500: 41, 502: 38, 503: 41, 600: 17, 604: 1 };
const CALL_REJECTED = 21;
/** How much of a dialled string is repeated to its sender. */
const MAX_QUOTED = 80;

export function refuse(reasonCode: keyof typeof CAUSES, text: string, suggestions: string[] = []): Refusal {
  const [status, q850] = CAUSES[reasonCode];
  return { status, q850, reasonCode, warning: warning(text), suggestions };
}

export const quoted = (text: string): string => `'${text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text}'`;

/** 416 for a scheme that is not ours (RFC 3261 section 21.4.14), 484 otherwise. */
export function notAnAddress(dialled: string, { code, reason }: AddressFault): Refusal {
  const refusal = refuse('not-an-address', `${quoted(dialled)} is not an address: ${reason}`);
  return code === 'scheme' ? { ...refusal, status: 416, q850: 127 } : refusal;
}

export function unknownAddress(alias: string, suggestions: string[]): Refusal {
  const nearest = suggestions.length === 0 ? '' : `; nearest: ${suggestions.join(', ')}`;
  return refuse('unknown', `nothing is known as ${quoted(alias)}${nearest}`, suggestions);
}

/** 300 with the candidates as contacts (RFC 3261 section 21.3.1). */
export function ambiguous(alias: string, candidates: string[]): Refusal {
  return {
    ...refuse('ambiguous', `${quoted(alias)} may mean ${candidates.join(', ')}: dial one of them`, candidates),
    headers: { Contact: candidates.map((address) => `<sip:${address}>`).join(', ') },
  };
}

/** The address or number was given up; 22 is "number changed". Who dials numbers is told the new number, too. */
export function moved(former: string, { address, numericAlias }: Service): Refusal {
  const number = numericAlias !== undefined && /^\d+$/.test(former) ? [numericAlias] : [];
  return refuse('moved', `${quoted(former)} is no longer in use: dial ${[...number, address].join(' or ')}`, [address, ...number]);
}

export function closed(service: Service, decision: HoursDecision): Refusal {
  const { fi, sv, en } = closedText(decision, service.names);
  return refuse('closed', `${fi} / ${sv} / ${en}`);
}

export function refusedByRule(alias: string, rule: string, status: number, reason: string | undefined): Refusal {
  return {
    status, q850: CAUSE_OF_RULE[status] ?? CALL_REJECTED, reasonCode: 'refused-by-rule', suggestions: [],
    warning: warning(`${quoted(alias)}: ${reason ?? 'not allowed from here'} (search rule ${rule})`),
  };
}
