import { DOMAIN, PASSWORD } from './edge-gateway';
import { type RawClient, rowsOf, statusOf } from './raw-client';
import { authorize } from './requests';

/** Sets this run apart from an earlier one against the same server. */
const run = Date.now();
let count = 0;

/** As a device behind a firewall writes it: an address that nobody else can reach. */
export const privateUri = (client: RawClient): string => `sip:ex90-1@10.99.${client.port >> 8}.${client.port & 255}:5060;transport=${client.transport}`;
export const contactOf = (client: RawClient): string => `<${privateUri(client)}>`;

/** Sends a request as the device `ex90-1` and returns its final answer. */
export async function ask(client: RawClient, method: string, uri: string, headers: Record<string, string> = {}): Promise<string> {
  const all = {
    'Via': `SIP/2.0/${client.transport.toUpperCase()} 127.0.0.1:${client.port};branch=z9hG4bK${run}.${++count};rport`, 'From': `<sip:ex90-1@${DOMAIN}>;tag=${count}`,
    'To': method === 'REGISTER' ? `<sip:ex90-1@${DOMAIN}>` : `<${uri}>`, 'Call-ID': `${run}-${client.transport}-${client.port}`, 'CSeq': `${count} ${method}`,
    'Max-Forwards': '70', 'Contact': contactOf(client), ...headers, 'Content-Length': '0',
  };
  client.send(`${method} ${uri} SIP/2.0\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  for (;;) {
    const message = await client.next();
    if (statusOf(message) >= 200) return message;
  }
}

/** Registers the device with digest and returns the last answer. */
export async function register(client: RawClient, headers: Record<string, string> = {}, algorithm: 'MD5' | 'SHA-256' = 'SHA-256'): Promise<string> {
  const challenged = await ask(client, 'REGISTER', 'sip:palvelu.example', headers);
  expect(statusOf(challenged)).toBe(401);
  const challenge = rowsOf(challenged, 'WWW-Authenticate').join('\r\n');
  return ask(client, 'REGISTER', 'sip:palvelu.example', { ...headers, Authorization: authorize(challenge, { username: 'ex90-1', password: PASSWORD, algorithm }) });
}
