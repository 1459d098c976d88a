import { MediaError } from '../../contracts';

/** Any fault as one that has a SIP status; what is none of ours is a 500. */
export function mediaErrorOf(error: unknown): MediaError {
  if (error instanceof MediaError) return error;
  return new MediaError('internal', error instanceof Error ? error.message : String(error), 500, 41);
}

/** A response that refuses, with a Warning that a helpdesk can act on (RFC 3261 section 20.43; 399 is "miscellaneous"). */
export function refusalOf(error: MediaError): { status: number; headers: Record<string, string> } {
  const text = `${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/["\\]/g, "'").slice(0, 300);
  const headers: Record<string, string> = { Warning: `399 media-server "${text}"`, Reason: `Q.850;cause=${error.q850}` };
  if (error.sipStatus === 503) headers['Retry-After'] = '5';
  return { status: error.sipStatus, headers };
}
