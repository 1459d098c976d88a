import type { Pattern } from './dial-plan-pattern';

/** Who a rule is for, as written: `any`, `registered`, `local`, `peer`, `peer:NAME`, `kind:KIND`, `site:KEY`. */
export type SourceFilter = string;

/** What rules may ask about the caller. */
export interface DialSource {
  kind: 'registered' | 'peer' | 'local';
  /** Name of the peer. */
  peer?: string;
  /** Of a registered device: its kind, its site's key and the domain of its address. */
  deviceKind?: string;
  site?: string;
  domain?: string;
}

interface Rule {
  name: string;
  /** 1 to 65534, lowest first. */
  priority: number;
  description?: string;
  source: SourceFilter[];
  /** `FILE:LINE`. */
  where: string;
}

/** Changes an alias before any search. The first transform that matches ends the transforming. */
export interface Transform extends Rule {
  match: Pattern;
}

export type RuleTarget =
  | { kind: 'directory' }
  | { kind: 'peer'; peer: string }
  | { kind: 'refuse'; status: number; reason?: string };

/** Says where an alias is searched, and under which spelling. */
export interface SearchRule extends Rule {
  protocol: 'any' | 'sip' | 'h323';
  /** `any`: names and numbers; `ip`: IP addresses only. */
  match: 'any' | 'ip' | Pattern;
  target: RuleTarget;
  /** What follows when the alias matched: the next rules (when nothing was found), or none. */
  onMatch: 'continue' | 'stop';
}

/** A compiled dial plan: enabled entries only, in the order in which they are tried. */
export interface DialPlan {
  /** This system's domain. */
  domain: string;
  files: string[];
  transforms: Transform[];
  searchRules: SearchRule[];
}

/** True when one of the filters fits the caller. */
export function fitsSource(filters: readonly SourceFilter[], source: DialSource): boolean {
  return filters.some((filter) => {
    const [kind, value] = splitFilter(filter);
    switch (kind) {
      case 'any': return true;
      case 'kind': return source.deviceKind === value;
      case 'site': return source.site === value;
      default: return source.kind === kind && (value === undefined || source.peer === value);
    }
  });
}

/** `kind:value` in two. */
export function splitFilter(filter: SourceFilter): [kind: string, value: string | undefined] {
  const colon = filter.indexOf(':');
  return colon < 0 ? [filter, undefined] : [filter.slice(0, colon), filter.slice(colon + 1)];
}
