import { childOf, parseXml, textOf, XmlError } from '../xml';

/** What Jabber Video (Movi) asks for, one request for each letter that is typed. */
export interface MoviSearch {
  text: string;
  /** Identifier of a folder; empty: everywhere. */
  group: string;
  limit: number;
  offset: number;
}

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 50;
const MAX_OFFSET = 1_000;

/** Reads a `SearchParameters` document. Throws XmlError. */
export function readMoviSearch(body: string): MoviSearch {
  const search = childOf(parseXml(Buffer.from(body)), 'SearchParameters');
  if (search === undefined) throw new XmlError('it has no SearchParameters');
  const number = (name: string, otherwise: number, max: number): number => {
    const text = textOf(search, name) ?? '';
    return /^\d{1,6}$/.test(text) ? Math.min(Number(text), max) : otherwise;
  };
  return {
    text: textOf(search, 'searchString')?.slice(0, 400) ?? '', group: textOf(search, 'groupId')?.slice(0, 400) ?? '',
    limit: Math.max(1, number('maxResultSize', DEFAULT_LIMIT, MAX_LIMIT)), offset: number('offset', 0, MAX_OFFSET),
  };
}
