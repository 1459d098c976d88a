import type { FastifyRequest } from 'fastify';

/** What the client calls us; it only gets it back. */
export const originOf = (req: FastifyRequest): string => `${req.protocol}://${/^[\w.:[\]-]{1,255}$/.test(req.host) ? req.host : 'localhost'}`;

/** Query parameters that came once. */
export const textQuery = (req: FastifyRequest): Record<string, string> =>
  Object.fromEntries(Object.entries(req.query as Record<string, unknown>).filter((pair): pair is [string, string] => typeof pair[1] === 'string').map(([name, value]) => [name, value.slice(0, 400)]));

/** A number from 0 to `max` as text, or `otherwise`. */
export function wholeNumber(text: string | undefined, otherwise: number, max: number): number {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Math.min(Number(text), max) : otherwise;
}
