import fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createHash } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { EtasiltaError } from '../errors';
import type { LiveDirectory } from '../directory/live';
import { pageHtml } from './page-html';
import { RequestLimit } from './request-limit';
import { listServices } from './services';
import { webSocketUrl } from './sip-url';
import { isPageLanguage, PAGE_LANGUAGES, type PageLanguage } from './texts';

export interface WebServerOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** PEM files; without them the page is plain HTTP, which browsers give a microphone only on loopback. */
  tls?: { certFile: string; keyFile: string };
  /** Where browsers reach the SIP server, `wss://...`; default: from `contacts`. */
  sipUrl?: string;
  /** Where the SIP server listens: `ws/127.0.0.1:8088` and so on. */
  contacts: readonly string[];
  domain: string;
  directory: Pick<LiveDirectory, 'search' | 'view'>;
  now: () => number;
  onError: (error: Error) => void;
}

export interface WebServer {
  /** `http://127.0.0.1:8080`. */
  readonly url: string;
  close(): Promise<void>;
}

/** The page's server cannot start. */
export class WebServerError extends EtasiltaError {}

/** The same place seen from src/web and from dist/web. */
const ASSETS = path.resolve(__dirname, '../../dist/web/page');
const REQUEST_MS = 10_000;
const MAX_CONNECTIONS = 500;
const MAX_BODY_BYTES = 1_024;
const REQUESTS_A_MINUTE = 300;
const MAX_TEXT = 100;

/** Serves the page where a person chooses a service and calls it. Throws WebServerError, `web-sip-url`. */
export async function createWebServer(options: WebServerOptions): Promise<WebServer> {
  const sipUrl = options.sipUrl ?? webSocketUrl(options.contacts, options.tls !== undefined);
  const https = options.tls && { cert: readFile(options.tls.certFile), key: readFile(options.tls.keyFile) };
  const app: FastifyInstance = start(() => fastify({
    ...(https && { https }), bodyLimit: MAX_BODY_BYTES, requestTimeout: REQUEST_MS, connectionTimeout: REQUEST_MS, forceCloseConnections: true,
  }) as unknown as FastifyInstance);
  app.server.maxConnections = MAX_CONNECTIONS;
  app.server.headersTimeout = REQUEST_MS;
  guard(app, options, securityHeaders(sipUrl, https !== undefined));
  routes(app, options, sipUrl);
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await app.close();
    throw new WebServerError('web-listen', `The page cannot be served at ${options.host}:${options.port}: ${(error as Error).message}`, {
      cause: error, hint: 'Another program may have the port (`ss -lnt`); change web.host and web.port.',
    });
  }
  const { address, port, family } = app.server.address() as AddressInfo;
  return { url: `${https ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`, close: () => app.close() };
}

function guard(app: FastifyInstance, { now, onError }: WebServerOptions, headers: Record<string, string>): void {
  const limit = new RequestLimit(REQUESTS_A_MINUTE, now);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers);
    if (!limit.admit(request.ip)) {
      return reply.code(429).header('Retry-After', limit.retryAfter()).type('text/plain').send('Too many requests; try again in a minute.\n');
    }
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).type('text/plain').send('Not found.\n'));
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) onError(error);
    return reply.code(status).send({ error: status >= 500 ? 'web' : 'bad-request', message: status >= 500 ? 'The server cannot answer now.' : error.message });
  });
}

function routes(app: FastifyInstance, { domain, directory, now }: WebServerOptions, sipUrl: string): void {
  app.get('/', (request, reply) => reply.redirect(`/${preferredLanguage(request.headers['accept-language'])}`));
  for (const language of PAGE_LANGUAGES) serve(app, `/${language}`, 'text/html; charset=utf-8', Buffer.from(pageHtml({ language, sipUrl, domain })));
  serve(app, '/main.js', 'text/javascript; charset=utf-8', asset('main.js'));
  serve(app, '/style.css', 'text/css; charset=utf-8', asset('style.css'));
  serve(app, '/licences.txt', 'text/plain; charset=utf-8', asset('licences.txt'));
  app.get<{ Querystring: { language: PageLanguage; text: string } }>('/services', {
    schema: {
      querystring: {
        type: 'object',
        properties: { language: { enum: PAGE_LANGUAGES }, text: { type: 'string', maxLength: MAX_TEXT, default: '' } },
        required: ['language'],
      },
    },
  }, async ({ query }, reply) => {
    reply.header('Cache-Control', 'no-store');
    return { services: await listServices(directory, query.text, query.language, new Date(now())) };
  });
}

/** Serves one thing that never changes while the program runs. */
function serve(app: FastifyInstance, url: string, type: string, body: Buffer): void {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  app.get(url, (request: FastifyRequest, reply: FastifyReply) => {
    reply.header('ETag', etag).header('Cache-Control', 'no-cache');
    return request.headers['if-none-match'] === etag ? reply.code(304).send() : reply.type(type).send(body);
  });
}

function securityHeaders(sipUrl: string, secure: boolean): Record<string, string> {
  return {
    'Content-Security-Policy': [
      "default-src 'none'", "script-src 'self'", "style-src 'self'", 'img-src data:', `connect-src 'self' ${new URL(sipUrl).origin}`,
      "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
    ].join('; '),
    'Permissions-Policy': 'camera=(self), microphone=(self), geolocation=()',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...(secure && { 'Strict-Transport-Security': 'max-age=31536000' }),
  };
}

/** The first of `Accept-Language` (RFC 9110 section 12.5.4) that the page has, by weight; Finnish otherwise. */
export function preferredLanguage(header: string | undefined): PageLanguage {
  const wanted = (header ?? '').slice(0, 200).split(',').map((part) => {
    const [tag = '', weight] = part.trim().split(/;\s*q=/);
    return { language: tag.split('-')[0]?.toLowerCase(), weight: weight === undefined ? 1 : Number(weight) || 0 };
  });
  const language = wanted.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight).map((one) => one.language).find(isPageLanguage);
  return language ?? 'fi';
}

function asset(name: string): Buffer {
  return readFile(path.join(ASSETS, name), 'Run `npm run build`, which makes it.');
}

function readFile(file: string, hint = 'Check the path and its permissions.'): Buffer {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    throw new WebServerError('file', `${file} cannot be read: ${(error as Error).message}`, { cause: error, hint });
  }
}

/** A certificate and key that do not fit each other are told as such. */
function start<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new WebServerError('web-tls', `The page's certificate cannot be used: ${(error as Error).message}`, { cause: error, hint: 'Check web.tls.certFile and web.tls.keyFile.' });
  }
}
