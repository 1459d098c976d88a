import type { FastifyError, FastifyInstance } from 'fastify';
import type { Logger } from '../log';
import { registerApi } from './api/routes';
import { registerCarddav } from './carddav/routes';
import { Refused, takeBytes, type ServiceParts } from './service';
import { registerTms } from './tms/routes';
import { registerUds, type UdsGrant } from './uds';
import { registerVcards } from './vcard-routes';
import { registerVendors } from './vendors/routes';

/** Larger requests than this are made by nobody who reads a phone book. */
export const MAX_REQUEST_BYTES = 64 * 1024;

/** Puts the phone book's URLs on an HTTP server, apart from whatever else that serves. */
export async function registerPhonebook(app: FastifyInstance, parts: ServiceParts & { log: Pick<Logger, 'error'>; uds?: UdsGrant }): Promise<void> {
  await app.register(async (scope) => {
    takeBytes(scope, MAX_REQUEST_BYTES);
    scope.setErrorHandler((error: FastifyError | Refused, req, reply) => {
      const status = error instanceof Refused ? error.status : error.statusCode ?? 500;
      // The route, not the URL: that has the secret.
      if (status >= 500) parts.log.error({ route: req.routeOptions.url, error: error.message }, 'phone book request failed');
      if (status === 429) void reply.header('Retry-After', '10');
      return reply.code(status).send();
    });
    registerTms(scope, parts);
    registerUds(scope, parts, parts.uds);
    registerVendors(scope, parts);
    registerVcards(scope, parts);
    registerCarddav(scope, parts);
    registerApi(scope, parts);
  });
}
