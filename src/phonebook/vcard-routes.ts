import type { FastifyInstance, FastifyReply } from 'fastify';
import { ROOT } from './folders';
import { textQuery } from './query';
import { admit, READER_PATH, Refused, sendTagged, type ServiceParts } from './service';
import { vcard } from './vcard';

/** Cards in one file, at most. */
const MAX_CARDS = 5_000;

/** `GET …/contacts.vcf?folder=ID`: everything below a folder as one file of vCards. */
export function registerVcards(app: FastifyInstance, parts: ServiceParts): void {
  app.get(`${READER_PATH}/contacts.vcf`, async (req, reply): Promise<FastifyReply> => {
    const { open } = admit(parts, req);
    const { folder = ROOT } = textQuery(req);
    const book = await open();
    if (book.folder(folder) === undefined) throw new Refused(404);
    return sendTagged(req, reply, 'text/vcard; charset=utf-8', (await book.allBelow(folder, MAX_CARDS)).map(vcard).join(''));
  });
}
