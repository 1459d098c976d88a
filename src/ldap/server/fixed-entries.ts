import { type Dn, parseDn } from '../dn';
import type { Matchable } from '../matching';
import { type AttributeType, SUBSCHEMA } from '../schema';
import { type Attribute, SUBSCHEMA_DN } from '../tree';
import { SUPPORTED_CONTROLS } from './controls';
import { EXTENSION } from './extensions';
import { attributeOf, type Shown } from './selection';

/** An entry of the server itself, the same for everybody. */
export class FixedEntry implements Matchable, Shown {
  readonly parsedDn: Dn;
  private readonly attributes: ReadonlyMap<AttributeType, Attribute>;

  constructor(readonly dn: string, attributes: Record<string, readonly string[]>) {
    this.parsedDn = parseDn(dn) ?? [];
    this.attributes = new Map(Object.entries(attributes).filter(([, values]) => values.length > 0).map(([name, values]) => {
      const attribute = attributeOf(name, values);
      return [attribute.type, attribute];
    }));
  }

  some(type: AttributeType, visit: (value: string, options: readonly string[]) => boolean): boolean {
    return this.attributes.get(type)?.values.some((value) => visit(value, [])) ?? false;
  }

  types(): Iterable<AttributeType> {
    return this.attributes.keys();
  }

  *allAttributes(): Generator<Attribute> {
    for (const attribute of this.attributes.values()) if (attribute.type.usage === undefined) yield attribute;
  }

  *operationalAttributes(): Generator<Attribute> {
    for (const attribute of this.attributes.values()) if (attribute.type.usage !== undefined) yield attribute;
  }

  *attributesOf(type: AttributeType): Generator<Attribute> {
    const attribute = this.attributes.get(type);
    if (attribute) yield attribute;
  }
}

/** Features of RFC 4512 section 5.1: `+` (RFC 3673), absolute filters (RFC 4526), language options (RFC 3866). */
const FEATURES = ['1.3.6.1.4.1.4203.1.5.1', '1.3.6.1.4.1.4203.1.5.3', '1.3.6.1.4.1.4203.1.5.4'];

export interface ServerFacts {
  suffix: string;
  version: string;
  /** Whether this connection may start TLS, and bind by SASL EXTERNAL. */
  startTls: boolean;
  external: boolean;
}

/** The entry of no name: what the server can do on this connection (RFC 4512 section 5.1). */
export function rootDse({ suffix, version, startTls, external }: ServerFacts): FixedEntry {
  return new FixedEntry('', {
    objectClass: ['top'],
    namingContexts: [suffix],
    subschemaSubentry: [SUBSCHEMA_DN],
    supportedLDAPVersion: ['3'],
    supportedControl: SUPPORTED_CONTROLS,
    supportedExtension: [EXTENSION.whoAmI, ...(startTls ? [EXTENSION.startTls] : [])],
    supportedFeatures: FEATURES,
    supportedSASLMechanisms: external ? ['EXTERNAL'] : [],
    vendorName: ['Etäsilta'],
    vendorVersion: [version],
  });
}

/** The published schema (RFC 4512 section 4.2). */
export const SUBSCHEMA_ENTRY = new FixedEntry(SUBSCHEMA_DN, { objectClass: ['top', 'subschema'], cn: ['Subschema'], ...SUBSCHEMA, subschemaSubentry: [SUBSCHEMA_DN] });
