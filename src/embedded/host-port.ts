import { isIP } from 'node:net';

/** `HOST:PORT`, IPv6 in brackets; undefined when it is not that. Port 0 is one. */
export function parseHostPort(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text.trim());
  if (match === null || Number(match[3]) > 65_535 || (match[1] !== undefined && isIP(match[1]) !== 6)) return undefined;
  return { host: match[1] ?? match[2] ?? '', port: Number(match[3]) };
}

export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
