/** Requests of RFC 4511 as typed values: whatever holds one was decoded strictly and is bounded. */

/** A filter (RFC 4511 section 4.5.1.7); assertion values are octets, their syntax depends on the attribute. */
export type Filter =
  | { type: 'and' | 'or'; filters: Filter[] }
  | { type: 'not'; filter: Filter }
  | { type: 'equality' | 'greaterOrEqual' | 'lessOrEqual' | 'approx'; attribute: string; value: Buffer }
  | { type: 'substrings'; attribute: string; initial?: Buffer; any: Buffer[]; final?: Buffer }
  | { type: 'present'; attribute: string }
  | { type: 'extensible'; rule?: string; attribute?: string; value: Buffer; dnAttributes: boolean };

export type Scope = 'base' | 'one' | 'sub';

export interface PartialAttribute {
  /** Attribute description: type and options. */
  type: string;
  values: Buffer[];
}

export interface BindRequest { op: 'bind'; version: number; name: string; auth: { simple: Buffer } | { mechanism: string; credentials?: Buffer } }
export interface UnbindRequest { op: 'unbind' }
export interface SearchRequest {
  op: 'search'; base: string; scope: Scope;
  /** 0: no limit asked for; seconds. */
  sizeLimit: number; timeLimit: number;
  typesOnly: boolean; filter: Filter; attributes: string[];
}
export interface ModifyRequest { op: 'modify'; dn: string; changes: { operation: 'add' | 'delete' | 'replace'; attribute: PartialAttribute }[] }
export interface AddRequest { op: 'add'; dn: string; attributes: PartialAttribute[] }
export interface DeleteRequest { op: 'delete'; dn: string }
export interface ModifyDnRequest { op: 'modifyDn'; dn: string; newRdn: string; deleteOldRdn: boolean; newSuperior?: string }
export interface CompareRequest { op: 'compare'; dn: string; attribute: string; value: Buffer }
export interface AbandonRequest { op: 'abandon'; messageId: number }
export interface ExtendedRequest { op: 'extended'; name: string; value?: Buffer }

export type Request =
  | BindRequest | UnbindRequest | SearchRequest | ModifyRequest | AddRequest | DeleteRequest | ModifyDnRequest
  | CompareRequest | AbandonRequest | ExtendedRequest;

export interface Control {
  oid: string;
  critical: boolean;
  value?: Buffer;
}

export interface Message {
  /** 1 to 2^31 - 1. */
  id: number;
  request: Request;
  controls: Control[];
}

/** A request that is sound LDAP but more than this server takes: its sender gets an answer and may go on. */
export interface RefusedMessage {
  id: number;
  op: Request['op'];
  refused: string;
}
