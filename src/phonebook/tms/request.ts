import { childOf, parseXml, textOf, XmlError, type XmlTree } from '../xml';

interface Asker {
  /** Serial number and MAC address that the device gave of itself; they prove nothing. */
  identities: string[];
}

export interface TmsSearch extends Asker {
  operation: 'Search';
  /** Identifier of a folder; empty: the root. */
  path: string;
  /** Empty: the folder itself is listed. */
  text: string;
  recursive: boolean;
  limit: number;
  startFromId?: string;
  endAtId?: string;
  /** `StartFromId` and `EndAtId` are themselves in the answer. */
  inclusive: boolean;
  /** Only names that begin with this. */
  startsWith?: string;
}

export type TmsRequest =
  | TmsSearch
  | ({ operation: 'GetPhonebooks' } & Asker)
  | ({ operation: 'ResolveSystem'; texts: string[] } & Asker);

/** What a device that names no limit gets. */
const DEFAULT_LIMIT = 20;
const MAX_TEXT = 400;
const MAX_TEXTS = 10;

/**
 * Reads a request of the TMS phone book service (SOAP 1.1). The operation is the element in the body, whatever the SOAPAction
 * header says; elements may come in any order and under any prefix. Throws XmlError.
 */
export function readTmsRequest(bytes: Uint8Array): TmsRequest {
  const body = childOf(childOf(parseXml(bytes), 'Envelope'), 'Body');
  if (body === undefined) throw new XmlError('it has no SOAP body with content');
  if (Object.hasOwn(body, 'Search')) return readSearch(childOf(body, 'Search') ?? {});
  if (Object.hasOwn(body, 'GetPhonebooks')) {
    return { operation: 'GetPhonebooks', identities: identitiesOf(childOf(body, 'GetPhonebooks')) };
  }
  if (Object.hasOwn(body, 'ResolveSystem')) return readResolveSystem(childOf(body, 'ResolveSystem') ?? {});
  throw new XmlError('its operation is none of GetPhonebooks, ResolveSystem, Search');
}

function readSearch(search: XmlTree): TmsSearch {
  const text = (name: string): string | undefined => textOf(search, name)?.slice(0, MAX_TEXT);
  const [startFromId, endAtId, startsWith] = ['StartFromId', 'EndAtId', 'StartsWith'].map((name) => text(name) || undefined);
  const limit = Number(text('MaxResult') || DEFAULT_LIMIT);
  return {
    operation: 'Search', identities: identitiesOf(search), path: text('SearchPath') ?? '', text: text('SearchString') ?? '',
    recursive: text('Scope')?.toLowerCase() !== 'singlelevel', limit: Number.isInteger(limit) && limit > 0 ? limit : DEFAULT_LIMIT,
    inclusive: text('RangeInclusive')?.toLowerCase() === 'true', ...(startFromId && { startFromId }), ...(endAtId && { endAtId }), ...(startsWith && { startsWith }),
  };
}

/** No request of this operation is documented: every text outside the identification is taken for an address. */
function readResolveSystem(request: XmlTree): TmsRequest {
  const texts: string[] = [];
  const collect = (value: unknown, name: string): void => {
    if (texts.length >= MAX_TEXTS || name.startsWith('@') || ['Identification', 'SystemIdentifier'].includes(name)) return;
    if (typeof value === 'string' && value.trim() !== '') texts.push(value.trim().slice(0, MAX_TEXT));
    else if (typeof value === 'object' && value !== null) for (const [child, inner] of Object.entries(value)) collect(inner, child);
  };
  collect(request, '');
  return { operation: 'ResolveSystem', identities: identitiesOf(request), texts };
}

function identitiesOf(request: XmlTree | undefined): string[] {
  const identification = childOf(request, 'Identification') ?? childOf(request, 'SystemIdentifier');
  return ['SerialNumber', 'MACAddress'].flatMap((name) => textOf(identification, name)?.slice(0, 64) || []);
}
