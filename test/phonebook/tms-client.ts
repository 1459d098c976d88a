import { XMLParser } from 'fast-xml-parser';

const parser = new XMLParser({ parseTagValue: false, isArray: (name) => ['Catalog', 'Entry', 'Route'].includes(name) });
const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

export interface TmsQuery {
  path?: string;
  text?: string;
  scope?: string;
  limit?: number;
  from?: string;
  to?: string;
  inclusive?: boolean;
  startsWith?: string;
  serial?: string;
}

export interface TmsPage {
  catalogs: { name: string; id: string }[];
  entries: { name: string; id: string; routes: { protocol: string; dial: string }[] }[];
  isLast: boolean;
  folderExists: boolean;
}

/** Asks for phone books as an EX90 does. */
export class TmsClient {
  constructor(private readonly url: string) {}

  async post(operation: string): Promise<{ status: number; body: string }> {
    const response = await fetch(this.url, {
      method: 'POST', headers: { 'Content-Type': 'text/xml' },
      body: `<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>${operation.replace('>', ' xmlns="http://www.tandberg.net/2004/06/PhoneBookSearch/">')}</env:Body></env:Envelope>`,
    });
    return { status: response.status, body: await response.text() };
  }

  async search({ path = '', text = '', scope = 'SubTree', limit, from, to, inclusive = false, startsWith, serial = '' }: TmsQuery): Promise<TmsPage> {
    const optional = (name: string, value: string | number | undefined): string => (value === undefined ? '' : `<${name}>${escaped(String(value))}</${name}>`);
    const { status, body } = await this.post(`<Search><Identification><SerialNumber>${serial}</SerialNumber></Identification><SearchPath>${escaped(path)}</SearchPath>`
      + `<SearchString>${escaped(text)}</SearchString><Scope>${scope}</Scope>${optional('MaxResult', limit)}${optional('StartFromId', from)}${optional('EndAtId', to)}`
      + `${optional('StartsWith', startsWith)}<RangeInclusive>${inclusive}</RangeInclusive></Search>`);
    if (status !== 200) throw new Error(`${status} ${body}`);
    const { SearchResult: result } = (parser.parse(body) as { 'env:Envelope': { 'env:Body': { SearchResponse: { SearchResult: Raw } } } })['env:Envelope']['env:Body'].SearchResponse;
    return {
      catalogs: (result.Catalog ?? []).map(({ Name, Id }) => ({ name: Name, id: Id })),
      entries: (result.Entry ?? []).map(({ Name, Id, Route }) => ({ name: Name, id: Id, routes: Route.map(({ Protocol, DialString }) => ({ protocol: Protocol, dial: DialString })) })),
      isLast: result.IsLast === 'true', folderExists: result.FolderExists === 'true',
    };
  }
}

interface Raw {
  Catalog?: { Name: string; Id: string }[];
  Entry?: { Name: string; Id: string; Route: { Protocol: string; DialString: string }[] }[];
  IsLast: string;
  FolderExists: string;
}
