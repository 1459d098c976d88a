import { BerReader, TAG } from '../ber';
import { LdapSyntaxError } from '../errors';
import { decodeFilter } from './decode-filter';
import { LIMITS } from './limits';
import { attributeDescription, dnText, oid, OverLimit } from './strings';
import type { Control, Message, ModifyRequest, PartialAttribute, RefusedMessage, Request, SearchRequest } from './types';

/** Application tags of requests (RFC 4511 section 4.2 and following). */
const REQUEST = { bind: 0x60, unbind: 0x42, search: 0x63, modify: 0x66, add: 0x68, delete: 0x4a, modifyDn: 0x6c, compare: 0x6e, abandon: 0x50, extended: 0x77 } as const;
const OPERATIONS = new Map<number, Request['op']>(Object.entries(REQUEST).map(([op, tag]) => [tag, op as Request['op']]));
const SCOPES = ['base', 'one', 'sub'] as const;
const CHANGES = ['add', 'delete', 'replace'] as const;
const CONTROLS = 0xa0;

/**
 * Reads one whole LDAPMessage strictly: every element where the schema has it, nothing left over, everything within
 * {@link LIMITS}. Throws LdapSyntaxError where the session cannot go on.
 */
export function decodeMessage(bytes: Buffer): Message | RefusedMessage {
  const outer = new BerReader(bytes);
  const reader = outer.inside(TAG.sequence);
  outer.finish();
  const id = reader.integer();
  if (id < 1) throw new LdapSyntaxError(`message ID ${id}`);
  const op = OPERATIONS.get(reader.tag);
  if (op === undefined) throw new LdapSyntaxError(`no request has tag ${reader.tag}`);
  try {
    const request = DECODERS[op](reader);
    const controls = reader.tag === CONTROLS ? decodeControls(reader) : [];
    reader.finish();
    return { id, request, controls };
  } catch (error) {
    if (!(error instanceof OverLimit)) throw error;
    return { id, op, refused: error.message };
  }
}

const DECODERS: Record<Request['op'], (reader: BerReader) => Request> = {
  bind(reader) {
    const inside = reader.inside(REQUEST.bind);
    const version = inside.integer();
    const name = dnText(inside);
    if (inside.tag === 0x80) {
      const simple = inside.octets(0x80);
      inside.finish();
      return { op: 'bind', version, name, auth: { simple } };
    }
    const sasl = inside.inside(0xa3);
    inside.finish();
    const mechanism = sasl.text();
    const credentials = sasl.done ? undefined : sasl.octets();
    sasl.finish();
    return { op: 'bind', version, name, auth: { mechanism, credentials } };
  },

  unbind(reader) {
    reader.null(REQUEST.unbind);
    return { op: 'unbind' };
  },

  search(reader) {
    const inside = reader.inside(REQUEST.search);
    const base = dnText(inside);
    const scope = SCOPES[inside.integer(TAG.enumerated)];
    const deref = inside.integer(TAG.enumerated);
    const sizeLimit = inside.integer();
    const timeLimit = inside.integer();
    if (scope === undefined || deref < 0 || deref > 3 || sizeLimit < 0 || timeLimit < 0) throw new LdapSyntaxError('a search with a scope, alias rule or limit that there is not');
    const typesOnly = inside.boolean();
    const filter = decodeFilter(inside);
    const attributes = selection(inside.inside(TAG.sequence));
    inside.finish();
    return { op: 'search', base, scope, sizeLimit, timeLimit, typesOnly, filter, attributes } satisfies SearchRequest;
  },

  modify(reader) {
    const inside = reader.inside(REQUEST.modify);
    const dn = dnText(inside);
    const list = inside.inside(TAG.sequence);
    inside.finish();
    const changes: ModifyRequest['changes'] = [];
    while (!list.done) {
      if (changes.length >= LIMITS.changes) throw new OverLimit(`more than ${LIMITS.changes} changes in one request`);
      const change = list.inside(TAG.sequence);
      const operation = CHANGES[change.integer(TAG.enumerated)];
      if (operation === undefined) throw new LdapSyntaxError('a change that is neither add, delete nor replace');
      changes.push({ operation, attribute: partialAttribute(change, 0) });
      change.finish();
    }
    return { op: 'modify', dn, changes };
  },

  add(reader) {
    const inside = reader.inside(REQUEST.add);
    const dn = dnText(inside);
    const list = inside.inside(TAG.sequence);
    inside.finish();
    const attributes: PartialAttribute[] = [];
    while (!list.done) {
      if (attributes.length >= LIMITS.attributes) throw new OverLimit(`more than ${LIMITS.attributes} attributes in one entry`);
      attributes.push(partialAttribute(list, 1));
    }
    return { op: 'add', dn, attributes };
  },

  delete: (reader) => ({ op: 'delete', dn: dnText(reader, REQUEST.delete) }),

  modifyDn(reader) {
    const inside = reader.inside(REQUEST.modifyDn);
    const dn = dnText(inside);
    const newRdn = dnText(inside);
    const deleteOldRdn = inside.boolean();
    const newSuperior = inside.tag === 0x80 ? dnText(inside, 0x80) : undefined;
    inside.finish();
    return { op: 'modifyDn', dn, newRdn, deleteOldRdn, newSuperior };
  },

  compare(reader) {
    const inside = reader.inside(REQUEST.compare);
    const dn = dnText(inside);
    const assertion = inside.inside(TAG.sequence);
    inside.finish();
    const attribute = attributeDescription(assertion);
    const value = assertion.octets();
    assertion.finish();
    return { op: 'compare', dn, attribute, value };
  },

  abandon: (reader) => ({ op: 'abandon', messageId: reader.integer(REQUEST.abandon) }),

  extended(reader) {
    const inside = reader.inside(REQUEST.extended);
    const name = oid(inside, 0x80);
    const value = inside.tag === 0x81 ? inside.octets(0x81) : undefined;
    inside.finish();
    return { op: 'extended', name, value };
  },
};

/** What a search asks to see: descriptions, `*`, `+`, `1.1` and `@class` (RFC 4511 section 4.5.1.8, RFC 3673, RFC 4529). */
function selection(reader: BerReader): string[] {
  const attributes: string[] = [];
  while (!reader.done) {
    if (attributes.length >= LIMITS.selectedAttributes) throw new OverLimit(`more than ${LIMITS.selectedAttributes} attributes asked for`);
    const text = reader.text();
    if (text.length > LIMITS.attributeDescription) throw new OverLimit(`an attribute description of ${text.length} characters`);
    attributes.push(text);
  }
  return attributes;
}

function partialAttribute(reader: BerReader, minValues: number): PartialAttribute {
  const inside = reader.inside(TAG.sequence);
  const type = attributeDescription(inside);
  const set = inside.inside(TAG.set);
  inside.finish();
  const values: Buffer[] = [];
  while (!set.done) {
    if (values.length >= LIMITS.values) throw new OverLimit(`more than ${LIMITS.values} values of one attribute`);
    values.push(set.octets());
  }
  if (values.length < minValues) throw new LdapSyntaxError('an attribute without values');
  return { type, values };
}

function decodeControls(reader: BerReader): Control[] {
  const list = reader.inside(CONTROLS);
  const controls: Control[] = [];
  while (!list.done) {
    if (controls.length >= LIMITS.controls) throw new OverLimit(`more than ${LIMITS.controls} controls`);
    const inside = list.inside(TAG.sequence);
    const control: Control = { oid: oid(inside), critical: inside.tag === TAG.boolean && inside.boolean() };
    if (!inside.done) control.value = inside.octets();
    inside.finish();
    controls.push(control);
  }
  return controls;
}
