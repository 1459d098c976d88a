import { z } from 'zod';

/** A pattern of letters that stand in a URL as they are; long enough that nobody guesses it. */
const secret = z.string().regex(/^[A-Za-z0-9_-]{16,100}$/, '16 to 100 of A-Z, a-z, 0-9, "-" and "_"');

const reader = (network: z.ZodType<string>) => z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,40}$/, 'a short name of [a-z0-9-]').describe('Name used by logs'),
  organisation: z.string().min(1).optional().describe('Key of the organisation whose devices read; this, device or peer'),
  device: z.string().min(1).optional().describe('Address of the one device that reads'),
  peer: z.string().min(1).optional().describe('Name of the trusted peer (sip.peers) whose devices read'),
  secret: secret.optional().describe('Part of the URL that lets the reader in; better in a file'),
  secretFile: z.string().optional().describe('File that holds the secret'),
  networks: z.array(network).default([]).describe('Addresses and networks that the secret is taken from; none: from everywhere'),
  protocols: z.array(z.enum(['sip', 'h323'])).min(1).default(['sip']).describe('What the devices can dial; the first is shown first'),
  language: z.string().regex(/^[a-z]{2,3}$/, 'an ISO 639 code').default('fi').describe('Language where the URL names none'),
  openState: z.enum(['off', 'suffix', 'description']).default('description').describe('Where it is told whether a service is open now'),
  persons: z.enum(['none', 'organisation', 'all']).default('none').describe('Persons that are found by search'),
  identities: z.record(z.string().regex(/^[A-Za-z0-9:.-]{4,64}$/), z.string()).default({}).describe('Device addresses by serial number or MAC address'),
}).refine(({ organisation, device, peer }) => [organisation, device, peer].filter((one) => one !== undefined).length === 1, 'exactly one of organisation, device and peer is needed')
  .refine((one) => (one.secret === undefined) !== (one.secretFile === undefined), 'exactly one of secret and secretFile is needed');

/** @param network type of an IP address or network */
export const phonebookSchema = (network: z.ZodType<string>) => z.strictObject({
  listen: z.array(z.string().regex(/^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:]+\]):\d{1,5}$/i, 'a URL such as http://192.0.2.1:8081 or https://192.0.2.1:8443')).min(1)
    .default(['http://127.0.0.1:8081']).describe('Where phone books are served once there are readers'),
  tls: z.strictObject({
    certFile: z.string().describe('Certificate chain, PEM'),
    keyFile: z.string().describe('Private key, PEM'),
  }).optional().describe('Certificate for https'),
  readers: z.array(reader(network)).max(2_000).default([]).describe('Who may read, and how it is shown there'),
  uds: z.strictObject({
    reader: z.string().describe('Name of the reader that these devices are'),
    networks: z.array(network).min(1).describe('Addresses and networks of devices that ask for /cucm-uds without a secret'),
  }).optional().describe('CUCM directory (UDS) at its fixed path, where no secret can be part of the URL'),
  movi: z.strictObject({
    enabled: z.boolean().default(true).describe('Devices may search by SIP INFO to sip:phonebook@DOMAIN'),
    language: z.string().regex(/^[a-z]{2,3}$/, 'an ISO 639 code').default('fi').describe('Language of names'),
    openState: z.enum(['off', 'suffix']).default('suffix').describe('Where it is told whether a service is open now'),
    persons: z.enum(['none', 'organisation', 'all']).default('none').describe('Persons that are found'),
  }).prefault({}).describe('Phone book of Jabber Video (Movi), for devices that know their password'),
  requestsPerSecond: z.number().min(0.1).max(10_000).default(20).describe('Requests of one reader from one address; ten times as many at once'),
}).prefault({}).describe('Phone books of endpoints');
