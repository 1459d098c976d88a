import { createHash } from 'node:crypto';
import Srf, { type SrfRequest, type SrfResponse } from 'drachtio-srf';
import { startSipServer, type SipServer } from '../../src/embedded/sip-server';
import { TEST_LIMITS } from '../sip-server/support/limits';

export const REALM = 'test.example';
export const NONCE = 'cd13b28a5f4e';

/**
 * The least that endpoints need between them: a registrar with digest over the accounts given, and a back-to-back user agent
 * that rings whoever registered the dialled user. No part of the gateway.
 */
export class TestSwitch {
  /** Contacts by user. */
  readonly contacts = new Map<string, string>();
  /** Where a user's registration came from: the connection to reuse. */
  private readonly sources = new Map<string, string>();
  private constructor(private readonly server: SipServer, private readonly srf: Srf, readonly uri: string) {}

  static async start(passwords: Record<string, string>, algorithm: 'MD5' | 'SHA-256' = 'MD5', transport = 'udp', tls?: { cert: string; key: string }): Promise<TestSwitch> {
    const server = await startSipServer({
      admin: { host: '127.0.0.1', port: 0 }, secret: 's', contacts: [`sip:127.0.0.1:0;transport=${transport}`], ...(tls === undefined ? {} : { tls }),
      limits: TEST_LIMITS,
    });
    const srf = new Srf();
    await new Promise<void>((resolve, reject) => {
      srf.on('connect', (error) => (error ? reject(error) : resolve()));
      void srf.connect({ host: '127.0.0.1', port: server.adminPort, secret: 's' });
    });
    const self = new TestSwitch(server, srf, `sip:${server.contacts[0]?.replace(/^\w+\//, '')};transport=${transport}`);
    const authenticated = (request: SrfRequest, response: SrfResponse): boolean => {
      if (isAuthentic(request, passwords, algorithm)) return true;
      response.send(401, { headers: { 'WWW-Authenticate': `Digest realm="${REALM}", nonce="${NONCE}", algorithm=${algorithm}, qop="auth"` } } as never);
      return false;
    };
    (srf as unknown as { register(handler: (request: SrfRequest, response: SrfResponse) => void): void }).register((request, response) => {
      if (authenticated(request, response)) self.register(request, response);
    });
    srf.invite((request, response) => {
      if (authenticated(request, response)) void self.connect(request, response);
    });
    return self;
  }

  async close(): Promise<void> {
    this.srf.disconnect();
    await this.server.close();
  }

  private register(request: SrfRequest, response: SrfResponse): void {
    const user = /sip:([^@]+)@/.exec(request.get('To'))?.[1] ?? '';
    const contact = request.get('Contact');
    if (request.get('Expires') === '0') this.contacts.delete(user);
    else this.contacts.set(user, /<([^>]+)>/.exec(contact)?.[1] ?? '');
    this.sources.set(user, `sip:${request.source_address}:${request.source_port};transport=${request.protocol}`);
    response.send(200, { headers: { Contact: contact } } as never);
  }

  private async connect(request: SrfRequest, response: SrfResponse): Promise<void> {
    const user = /sip:([^@]+)@/.exec(request.uri)?.[1] ?? '';
    const contact = this.contacts.get(user);
    if (contact === undefined) {
      response.send(404, { headers: { Warning: '399 test "no such service"' } } as never);
      return;
    }
    try {
      const { uas, uac } = await this.srf.createB2BUA(request, response, contact, {
        localSdpB: request.body, proxy: this.sources.get(user), proxyResponseHeaders: ['Warning'],
      } as never);
      for (const [one, other] of [[uas, uac], [uac, uas]] as const) {
        // Both ends may hang up at once: then the other dialog is gone already.
        one.on('destroy', () => other.destroy({ headers: {} }, () => undefined));
        one.on('modify', (change, answer) => {
          other.modify(change.body).then((body) => answer.send(200, { body }), () => answer.send(488));
        });
        one.on('info', (info, answer) => {
          other.request({ method: 'INFO', headers: { 'Content-Type': info.get('Content-Type') }, body: info.body } as never)
            .then((reply) => answer.send(reply.status), () => answer.send(500));
        });
      }
    } catch {
      // The caller has got the callee's refusal.
    }
  }
}

/** Computes what the client should have sent, from RFC 7616 section 3.4.1 and not from the client's code. */
function isAuthentic(request: SrfRequest, passwords: Record<string, string>, algorithm: 'MD5' | 'SHA-256'): boolean {
  if (!request.has('Authorization')) return false;
  const header = request.get('Authorization');
  const value = (name: string): string => new RegExp(`\\b${name}="?([^",]+)`).exec(header)?.[1] ?? '';
  const hash = (text: string): string => createHash(algorithm === 'MD5' ? 'md5' : 'sha256').update(text).digest('hex');
  const password = passwords[value('username')];
  return password !== undefined && value('nonce') === NONCE && value('response') === hash([
    hash(`${value('username')}:${REALM}:${password}`), NONCE, value('nc'), value('cnonce'), 'auth', hash(`${request.method}:${value('uri')}`),
  ].join(':'));
}
