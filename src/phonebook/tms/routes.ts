import type { FastifyInstance } from 'fastify';
import { admit, bodyOf, READER_PATH, type ServiceParts } from '../service';
import { XmlError } from '../xml';
import { faultResponse } from './response';
import { answerTms } from './service';

const XML = 'text/xml; charset=utf-8';

/** `POST /phonebook/SECRET/LANGUAGE/tms`, the URL for `Phonebook Server 1 URL` of an endpoint with type TMS. */
export function registerTms(app: FastifyInstance, parts: ServiceParts): void {
  app.post(`${READER_PATH}/tms`, async (req, reply) => {
    const { open } = admit(parts, req);
    try {
      return await reply.type(XML).send(Buffer.from(await answerTms(bodyOf(req), open)));
    } catch (error) {
      // SOAP 1.1 section 6.2: a fault is a 500, whosesoever the fault is.
      if (error instanceof XmlError) return reply.code(500).type(XML).send(faultResponse('Client', error.message));
      throw error;
    }
  });
}
