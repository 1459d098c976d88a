import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EtasiltaError } from '../../errors';
import { businessIdCheckDigit } from '../fields';

export interface PtvDownload {
  /** Base of the read API; default the national one, version 11. */
  baseUrl?: string;
  /** Organisations by Y-tunnus. */
  businessIds: readonly string[];
  /** Folder that gets the answers as they are, one file each; `importPtv` reads it. */
  folder: string;
  onProgress?(what: string): void;
}

const BASE_URL = 'https://api.palvelutietovaranto.suomi.fi/api/v11';
const TIMEOUT_MS = 30_000;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_PAGES = 500;
/** GUIDs in one request for details, as the API allows. */
const DETAILS = 100;

/** The service catalogue could not be asked, or answered what it should not. */
export class PtvError extends EtasiltaError {
  constructor(url: string, reason: string, cause?: unknown) {
    super('ptv', `${url}: ${reason}`, { cause, hint: 'Try again later; files that were downloaded earlier can be imported without the network.' });
  }
}

/** Downloads organisations with their services and service channels. Returns the files. Throws PtvError. */
export async function downloadPtv({ baseUrl = BASE_URL, businessIds, folder, onProgress }: PtvDownload): Promise<string[]> {
  const wrong = businessIds.find((id) => !/^\d{7}-\d$/.test(id) || businessIdCheckDigit(id.slice(0, 7)) !== Number(id.slice(8)));
  if (wrong !== undefined) throw new EtasiltaError('ptv', `${wrong} is no Y-tunnus`, { hint: 'Write NNNNNNN-N with its check digit.' });
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  const keep = async (name: string, content: unknown): Promise<void> => {
    const file = join(folder, name);
    await writeFile(file, JSON.stringify(content));
    files.push(file);
  };
  for (const id of businessIds) {
    onProgress?.(`organisation ${id}`);
    const organisation = await get(`${baseUrl}/Organization/businesscode/${id}`);
    await keep(`organisation-${id}.json`, organisation);
    for (const one of [organisation].flat() as { id?: unknown }[]) {
      const services = await details(baseUrl, 'Service', await idsOf(`${baseUrl}/Service/list/organization?organizationId=${encodeURIComponent(String(one.id))}`));
      onProgress?.(`${services.length} services of ${id}`);
      await keep(`services-${id}.json`, services);
      const channels = [...new Set(services.flatMap(channelIds))];
      await keep(`channels-${id}.json`, await details(baseUrl, 'ServiceChannel', channels));
    }
  }
  return files;
}

const channelIds = (service: { serviceChannels?: unknown }): string[] =>
  (Array.isArray(service.serviceChannels) ? service.serviceChannels as { serviceChannel?: { id?: unknown } }[] : [])
    .flatMap((connection) => (typeof connection?.serviceChannel?.id === 'string' ? [connection.serviceChannel.id] : []));

/** All identifiers of a list that comes page by page. */
async function idsOf(url: string): Promise<string[]> {
  const ids: string[] = [];
  for (let page = 1; page <= MAX_PAGES; page++) {
    const { itemList, pageCount } = await get(`${url}&page=${page}`) as { itemList?: { id?: unknown }[]; pageCount?: number };
    for (const item of itemList ?? []) if (typeof item?.id === 'string') ids.push(item.id);
    if (page >= (pageCount ?? 1)) return ids;
  }
  throw new PtvError(url, `has more than ${MAX_PAGES} pages`);
}

async function details(baseUrl: string, kind: 'Service' | 'ServiceChannel', ids: readonly string[]): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = [];
  for (let from = 0; from < ids.length; from += DETAILS) {
    const url = `${baseUrl}/${kind}/list?guids=${ids.slice(from, from + DETAILS).map(encodeURIComponent).join(',')}`;
    const found = await get(url);
    if (!Array.isArray(found)) throw new PtvError(url, 'no list was answered');
    for (const one of found as Record<string, unknown>[]) all.push(one);
  }
  return all;
}

async function get(url: string): Promise<object> {
  let response: Response;
  try {
    response = await fetch(url, { headers: { Accept: 'application/json' }, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw new PtvError(url, `is not reached (${(cause as Error).message})`, cause);
  }
  if (!response.ok) throw new PtvError(url, `answered ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new PtvError(url, `answered more than ${MAX_BYTES / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  try {
    const content = JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
    if (typeof content === 'object' && content !== null) return content;
  } catch {
    // Told below.
  }
  throw new PtvError(url, 'answered no JSON');
}
