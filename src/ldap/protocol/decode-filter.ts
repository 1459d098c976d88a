import { type BerReader, TAG } from '../ber';
import { LdapSyntaxError } from '../errors';
import { LIMITS } from './limits';
import { attributeDescription, OverLimit } from './strings';
import type { Filter } from './types';

/** Context tags of Filter (RFC 4511 section 4.5.1). */
const FILTER = { and: 0xa0, or: 0xa1, not: 0xa2, equality: 0xa3, substrings: 0xa4, greaterOrEqual: 0xa5, lessOrEqual: 0xa6, present: 0x87, approx: 0xa8, extensible: 0xa9 } as const;
const ASSERTIONS = new Map<number, 'equality' | 'greaterOrEqual' | 'lessOrEqual' | 'approx'>([
  [FILTER.equality, 'equality'], [FILTER.greaterOrEqual, 'greaterOrEqual'], [FILTER.lessOrEqual, 'lessOrEqual'], [FILTER.approx, 'approx'],
]);

/** Reads a filter; `budget` counts its parts down, `depth` its levels. Throws LdapSyntaxError and OverLimit. */
export function decodeFilter(reader: BerReader, budget = { parts: LIMITS.filterParts as number }, depth = 1): Filter {
  if (--budget.parts < 0) throw new OverLimit(`a filter of more than ${LIMITS.filterParts} parts`);
  if (depth > LIMITS.filterDepth) throw new OverLimit(`a filter of more than ${LIMITS.filterDepth} levels`);
  const { tag } = reader;
  const assertion = ASSERTIONS.get(tag);
  if (assertion !== undefined) {
    const inside = reader.inside(tag);
    const attribute = attributeDescription(inside);
    const value = inside.octets();
    inside.finish();
    return { type: assertion, attribute, value };
  }
  switch (tag) {
    case FILTER.and:
    case FILTER.or: {
      const inside = reader.inside(tag);
      const filters: Filter[] = [];
      while (!inside.done) filters.push(decodeFilter(inside, budget, depth + 1));
      return { type: tag === FILTER.and ? 'and' : 'or', filters };
    }
    case FILTER.not: {
      const inside = reader.inside(tag);
      const filter = decodeFilter(inside, budget, depth + 1);
      inside.finish();
      return { type: 'not', filter };
    }
    case FILTER.present:
      return { type: 'present', attribute: attributeDescription(reader, FILTER.present) };
    case FILTER.substrings:
      return substrings(reader.inside(tag));
    case FILTER.extensible:
      return extensible(reader.inside(tag));
    default:
      throw new LdapSyntaxError(`no filter has tag ${tag}`);
  }
}

function substrings(reader: BerReader): Filter {
  const filter: Filter = { type: 'substrings', attribute: attributeDescription(reader), any: [] };
  const parts = reader.inside(TAG.sequence);
  reader.finish();
  if (parts.done) throw new LdapSyntaxError('a substring filter without substrings');
  for (let count = 0; !parts.done; count++) {
    if (count >= LIMITS.substrings) throw new OverLimit(`more than ${LIMITS.substrings} substrings in a filter`);
    const { tag } = parts;
    const octets = parts.octets(tag);
    if (octets.length === 0) throw new LdapSyntaxError('an empty substring');
    if (tag === 0x80 && count === 0) filter.initial = octets;
    else if (tag === 0x81) filter.any.push(octets);
    else if (tag === 0x82 && parts.done) filter.final = octets;
    else throw new LdapSyntaxError('substrings in another order than initial, any, final');
  }
  return filter;
}

function extensible(reader: BerReader): Filter {
  const rule = reader.tag === 0x81 ? attributeDescription(reader, 0x81) : undefined;
  const attribute = reader.tag === 0x82 ? attributeDescription(reader, 0x82) : undefined;
  const value = reader.octets(0x83);
  const dnAttributes = reader.tag === 0x84 && reader.boolean(0x84);
  reader.finish();
  if (rule === undefined && attribute === undefined) throw new LdapSyntaxError('an extensible match with neither rule nor attribute');
  return { type: 'extensible', rule, attribute, value, dnAttributes };
}
