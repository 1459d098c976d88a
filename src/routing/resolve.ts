import {
  fitsSource, formatAddress, isFault, parseAddress, parseServiceAddress, type DialPlan, type DialSource, type ParsedAddress,
  type SearchRule,
} from '../addressing';
import type { Language } from '../directory/model';
import type { DirectoryEntry, DirectoryView } from '../directory/view';
import { addressOf, beginsNumber, lookUp, type Lookup } from './lookup';
import { ambiguous, notAnAddress, quoted, refuse, refusedByRule, unknownAddress } from './refusals';
import type { Refusal, Step } from './types';

export interface PeerHit {
  peer: string;
  uri: string;
}

/** What a dialled string leads to. `peers` are asked first, then the entry is rung. */
export type Resolution = { steps: Step[] } & (
  | { kind: 'found'; entry: DirectoryEntry; canonical: string; language?: Language; peers: PeerHit[] }
  | { kind: 'peers'; canonical: string; peers: PeerHit[] }
  | { kind: 'refused'; refusal: Refusal }
);

export interface ResolveRequest {
  dialled: string;
  source: DialSource;
  protocol?: 'sip' | 'h323';
}

const MAX_SUGGESTIONS = 5;

/** Reads what was dialled, transforms it and searches it by the dial plan. */
export function resolve(view: DirectoryView, plan: DialPlan, request: ResolveRequest): Resolution {
  const steps: Step[] = [];
  const parsed = parseAddress(request.dialled, { h323: request.protocol === 'h323' });
  if (isFault(parsed)) {
    steps.push({ step: 'address', input: request.dialled, result: 'not an address', note: parsed.reason });
    return { kind: 'refused', refusal: notAnAddress(request.dialled, parsed), steps };
  }
  const read = formatAddress(parsed);
  steps.push({ step: 'address', input: request.dialled, output: read, ...describe(parsed) });
  const alias = parsed.kind === 'ip' ? read : transform(plan, read, request.source, steps);
  const search = new Search(view, plan, request, parsed, alias, steps);
  return search.run();
}

function describe(parsed: ParsedAddress): Pick<Step, 'result' | 'note'> {
  switch (parsed.kind) {
    case 'address': return { result: 'address' };
    case 'name': return { result: 'name' };
    case 'number': return { result: 'number', ...(parsed.international ? { note: 'E.164' } : parsed.alias && { note: 'numeric alias by its form' }) };
    case 'h323-id': return { result: 'H.323 ID' };
    case 'ip': return { result: `IPv${parsed.version}` };
  }
}

/** The first transform that fits is the only one (as on Cisco VCS). */
function transform(plan: DialPlan, alias: string, source: DialSource, steps: Step[]): string {
  for (const rule of plan.transforms) {
    if (!fitsSource(rule.source, source)) continue;
    const output = rule.match.apply(alias, source.domain);
    if (output === undefined) continue;
    steps.push({ step: 'transform', rule: rule.name, input: alias, output, result: output === alias ? 'kept' : 'changed', note: rule.where });
    return output;
  }
  steps.push({ step: 'transform', input: alias, output: alias, result: 'none fits' });
  return alias;
}

/** One search through the rules. */
class Search {
  private readonly peers: PeerHit[] = [];
  private misses: Exclude<Lookup, { kind: 'found' | 'not-found' }>[] = [];
  private looped = false;

  constructor(
    private readonly view: DirectoryView,
    private readonly plan: DialPlan,
    private readonly request: ResolveRequest,
    private readonly parsed: ParsedAddress,
    private readonly alias: string,
    private readonly steps: Step[],
  ) {}

  run(): Resolution {
    for (const rule of this.plan.searchRules) {
      const spelling = this.fits(rule);
      if (spelling === undefined) continue;
      const result = this.search(rule, spelling);
      if (result !== undefined) return result;
      if (rule.onMatch === 'stop') break;
    }
    const { peers, steps } = this;
    if (peers.length > 0) return { kind: 'peers', canonical: peers[0]?.uri ?? '', peers, steps };
    return { kind: 'refused', refusal: this.miss(), steps };
  }

  /** The alias as the rule spells it; undefined when the rule does not fit. */
  private fits({ source, protocol, match }: SearchRule): string | undefined {
    if (protocol !== 'any' && protocol !== this.request.protocol) return undefined;
    if (!fitsSource(source, this.request.source)) return undefined;
    const isIp = this.parsed.kind === 'ip';
    if (match === 'ip') return isIp ? this.alias : undefined;
    if (isIp) return undefined;
    return match === 'any' ? this.alias : match.apply(this.alias, this.request.source.domain);
  }

  private search(rule: SearchRule, spelling: string): Resolution | undefined {
    const { steps } = this;
    const step = { step: 'rule', rule: rule.name, input: this.alias, output: spelling } as const;
    if (rule.target.kind === 'refuse') {
      const { status, reason } = rule.target;
      steps.push({ ...step, result: `refused ${status}`, note: rule.where });
      return { kind: 'refused', refusal: refusedByRule(spelling, rule.name, status, reason), steps };
    }
    if (rule.target.kind === 'peer') return this.askPeer(rule, rule.target.peer, spelling);
    steps.push({ ...step, result: 'directory', note: rule.where });
    const found = lookUp(this.view, spelling, this.plan.domain);
    steps.push(lookUpStep(spelling, found));
    if (found.kind === 'found') {
      const canonical = addressOf(found.entry);
      const language = languageOf(found.entry, found.language);
      return { kind: 'found', entry: found.entry, canonical, ...(language && { language }), peers: this.peers, steps };
    }
    if (found.kind !== 'not-found') this.misses.push(found);
    return undefined;
  }

  private askPeer(rule: SearchRule, peer: string, spelling: string): Resolution | undefined {
    const parsed = parseAddress(spelling, { h323: true });
    const step = { step: 'rule', rule: rule.name, input: this.alias, output: spelling, note: rule.where } as const;
    if (isFault(parsed)) {
      this.steps.push({ ...step, result: 'not an address' });
      return { kind: 'refused', refusal: refuse('dial-plan-fault', `search rule ${rule.name} makes ${quoted(spelling)}, which is no address: ${parsed.reason}`), steps: this.steps };
    }
    if (this.request.source.peer === peer) {
      this.looped = true;
      this.steps.push({ ...step, result: 'skipped', note: `the call came from peer ${peer}` });
      return undefined;
    }
    // The port that was dialled belongs to the host that was dialled.
    const port = spelling === formatAddress(this.parsed) ? this.parsed.port : undefined;
    const uri = uriOf({ ...parsed, ...(port !== undefined && { port }) }, this.plan.domain, this.parsed.scheme === 'sips');
    this.peers.push({ peer, uri });
    this.steps.push({ ...step, output: uri, result: `peer ${peer}` });
    return undefined;
  }

  /** Nothing was found: the most telling of the reasons. */
  private miss(): Refusal {
    const { alias, view, parsed } = this;
    if (this.looped) return refuse('loop', `${quoted(alias)} would go back to where it came from`);
    for (const miss of this.misses) {
      if (miss.kind === 'ambiguous') return ambiguous(formatAddress(parsed), miss.candidates);
      return refuse('language-not-served', `${miss.service} does not serve in the dialled language, only in ${miss.languages.join(', ')}`, [miss.service]);
    }
    const suggestions = view.nearest(alias, MAX_SUGGESTIONS);
    const digits = parsed.kind === 'number' ? parsed.digits : parsed.kind === 'address' && /^\d+$/.test(parsed.local) ? parsed.local : undefined;
    if (digits !== undefined && beginsNumber(view, digits, suggestions)) {
      return refuse('incomplete', `${quoted(digits)} is only the beginning of a number: dial all digits`, suggestions);
    }
    const longer = parsed.kind === 'name' ? suggestions.filter((address) => address.startsWith(parsed.name)) : [];
    if (longer.length > 0) return refuse('incomplete', `${quoted(formatAddress(parsed))} is only the beginning of ${longer.join(', ')}`, longer);
    return unknownAddress(alias, suggestions);
  }
}

function lookUpStep(alias: string, found: Lookup): Step {
  const step = { step: 'directory', input: alias } as const;
  switch (found.kind) {
    case 'found': return { ...step, output: addressOf(found.entry), result: 'found', note: found.how };
    case 'ambiguous': return { ...step, result: 'ambiguous', note: found.candidates.join(', ') };
    case 'language-not-served': return { ...step, result: 'language not served', note: `${found.service}: ${found.languages.join(', ')}` };
    case 'not-found': return { ...step, result: 'not found' };
  }
}

/** The dialled language when the service has it, else its address's, else its only one. */
function languageOf(entry: DirectoryEntry, dialled: string | undefined): Language | undefined {
  if (entry.kind === 'device') return undefined;
  const { address, languages } = entry.service;
  if (dialled !== undefined && languages.includes(dialled)) return dialled;
  const named = parseServiceAddress(address);
  return (isFault(named) ? undefined : named.language) ?? (languages.length === 1 ? languages[0] : undefined);
}

/** What a peer is asked for: SIP URI, `tel:` for numbers (RFC 3966), `h323:` for other H.323 IDs. */
function uriOf(parsed: ParsedAddress, domain: string, secure: boolean): string {
  const scheme = secure ? 'sips' : 'sip';
  const port = parsed.port === undefined ? '' : `:${parsed.port}`;
  switch (parsed.kind) {
    case 'address': return `${scheme}:${formatAddress(parsed)}${port}`;
    case 'name': return `${scheme}:${parsed.name}@${domain}`;
    case 'number': return parsed.international ? `tel:+${parsed.digits}` : `tel:${parsed.digits};phone-context=${domain}`;
    case 'h323-id': return `h323:${encodeURIComponent(parsed.id)}`;
    case 'ip': return `${scheme}:${parsed.version === 6 ? `[${parsed.host}]` : parsed.host}${port}`;
  }
}
