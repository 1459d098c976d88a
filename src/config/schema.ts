import { isIP } from 'node:net';
import { z } from 'zod';
import { h323Schema } from './h323-schema';
import { ldapSchema } from './ldap-schema';
import { phonebookSchema } from './phonebook-schema';

/**
 * The one place that says which settings there are, what they accept and what they are when nobody sets them. Out of the box
 * everything listens on loopback and runs embedded; opening to a network is one explicit setting, `sip.listen`.
 */
const seconds = (min: number, max: number) => z.int().min(min).max(max);
const host = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'a lower-case domain name');
const network = z.string().refine((text) => {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (!version || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}, 'an IP address or network such as 192.0.2.0/24');

const peer = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,40}$/, 'a short name of [a-z0-9-]').describe('Name used by dial plans and records'),
  addresses: z.array(network).min(1).describe('Source addresses or networks that are this peer'),
  proxy: z.string().regex(/^sips?:/, 'a SIP URI').optional().describe('Where calls to this peer are sent, sip:HOST:PORT;transport=tls'),
});

export const configSchema = z.strictObject({
  dataDir: z.string().min(1).default('var').describe('Databases, keys and the control socket; relative to this file'),
  domain: host.default('palvelu.example').describe('Domain that names this system; dialled names without a domain get it'),
  dialplans: z.string().min(1).optional().describe('Folder of dial-plan files; default: the ones that come with the program'),
  log: z.strictObject({
    level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('How much is logged (JSON lines on standard error)'),
  }).prefault({}).describe('Logging'),
  sip: z.strictObject({
    engine: z.enum(['embedded', 'drachtio']).default('embedded').describe('The SIP server: our own in this process, or a drachtio-server'),
    listen: z.array(z.string().regex(/^sips?:/, 'a SIP URI such as sip:192.0.2.1:5060;transport=udp,tcp')).min(1)
      .default(['sip:127.0.0.1:5060;transport=udp,tcp'])
      .describe('Where the embedded SIP server listens; transports udp, tcp, tls, ws, wss'),
    tls: z.strictObject({
      certFile: z.string().describe('Certificate chain, PEM'),
      keyFile: z.string().describe('Private key, PEM'),
    }).optional().describe('Certificate for tls and wss'),
    drachtio: z.strictObject({
      host: z.string().default('127.0.0.1').describe('Host of drachtio-server\'s admin port'),
      port: z.int().min(1).max(65535).default(9022).describe('Its port'),
      secret: z.string().optional().describe('Its secret; better in a file'),
      secretFile: z.string().optional().describe('File that holds the secret'),
    }).prefault({}).describe('The drachtio-server to use when engine is drachtio'),
    realm: z.string().min(1).max(100).optional().describe('Digest realm; default: domain. Changing it voids all device passwords'),
    digest: z.array(z.enum(['SHA-256', 'MD5'])).min(1).default(['MD5'])
      .describe('Digest algorithms offered; SHA-256 beside MD5 (RFC 8760) only where every device can: old ones give up at an algorithm that they do not know'),
    registration: z.strictObject({
      minSeconds: seconds(10, 86_400).default(60).describe('Shortest registration; shorter ones are refused with 423'),
      maxSeconds: seconds(10, 604_800).default(3_600).describe('Longest registration; longer ones are shortened'),
      keepAliveSeconds: seconds(5, 3_600).default(90).describe('How often a device on TCP, TLS or WebSocket is asked whether its connection still stands'),
      contactsPerAddress: z.int().min(1).max(100).default(10).describe('Contacts that one address may have at once'),
    }).prefault({}).describe('Registrations'),
    trustFlow: z.boolean().default(true)
      .describe('Calls over the very TCP, TLS or WebSocket connection that registered need no second password check'),
    peers: z.array(peer).max(1_000).default([]).describe('Partners whose calls are taken without registration'),
  }).prefault({}).describe('SIP'),
  h323: h323Schema(network),
  media: z.strictObject({
    engine: z.enum(['embedded', 'freeswitch']).default('embedded').describe('The media server: our own in a thread of this process, or FreeSWITCH'),
    address: z.union([z.ipv4(), z.ipv6()]).optional().describe('Where the embedded media server receives media; default: the first address of sip.listen'),
    advertisedAddress: z.union([z.ipv4(), z.ipv6()]).optional().describe('The address that parties are told instead, behind a router that translates it'),
    rtpPorts: z.strictObject({
      min: z.int().min(1_024).max(65_534).default(20_000).describe('First port'),
      max: z.int().min(1_025).max(65_535).default(29_999).describe('Last port'),
    }).prefault({}).describe('UDP ports for media of the embedded media server'),
    maxSessions: z.int().min(2).max(20_000).default(1_000).describe('Parties at once on the embedded media server; calls beyond are refused with 503'),
    servers: z.array(z.strictObject({
      name: z.string().regex(/^[a-z0-9-]{1,40}$/, 'a short name of [a-z0-9-]').optional().describe('Name shown by status'),
      host: z.string().min(1).describe('Host of the event socket'),
      port: z.int().min(1).max(65_535).default(8_021).describe('Its port'),
      password: z.string().optional().describe('Its password; better in a file'),
      passwordFile: z.string().optional().describe('File that holds the password'),
    })).max(100).default([]).describe('Media servers to use when engine is freeswitch'),
    eventListen: z.strictObject({
      address: z.string().default('127.0.0.1').describe('Address that media servers connect back to'),
      port: z.int().min(0).max(65_535).default(0).describe('Port; 0 takes a free one; further media servers get the ports after it'),
      advertisedAddress: z.string().optional().describe('The address that media servers are told instead'),
      advertisedPort: z.int().min(1).max(65_535).optional().describe('The port that they are told instead'),
    }).prefault({}).describe('Where media servers report their channels (outbound event socket)'),
    prompts: z.string().min(1).optional().describe('Folder with prompts of your own, LANGUAGE/PROMPT.wav; missing ones come from the program'),
  }).prefault({}).describe('Media servers'),
  calls: z.strictObject({
    media: z.enum(['anchored', 'direct']).default('anchored').describe('Whether media flow through a media server or straight between the endpoints'),
    prompts: z.boolean().default(true).describe('Registered callers hear why nobody answers before an anchored call is refused'),
    maxCalls: z.int().min(1).max(100_000).default(2_000).describe('Calls at once; more are refused with 503'),
    linesPerDevice: z.int().min(1).max(100).default(1).describe('Calls that one room, desk or software device may have at once'),
    probeSeconds: seconds(15, 3_600).default(90).describe('How often both ends of a call are asked whether they still know it'),
    maxCallSeconds: seconds(60, 604_800).default(43_200).describe('An answered call is ended after this long'),
  }).prefault({}).describe('Calls'),
  web: z.strictObject({
    enabled: z.boolean().default(false).describe('Whether the page is served where a person with a browser chooses a service and calls it; sip.listen needs a ws or wss listener for it'),
    host: z.string().min(1).default('127.0.0.1').describe('Address that the page is served at'),
    port: z.int().min(0).max(65535).default(8080).describe('Its port; 0: any free one'),
    tls: z.strictObject({
      certFile: z.string().describe('Certificate chain, PEM'),
      keyFile: z.string().describe('Private key, PEM'),
    }).optional().describe('Certificate of the page; browsers give microphone and camera to unencrypted pages on loopback only'),
    sipUrl: z.string().regex(/^wss?:\/\/[^/\s]+/, 'a WebSocket URL such as wss://sip.example:8443').optional()
      .describe('Where browsers reach the SIP server; default: the ws or wss listener of sip.listen'),
  }).prefault({}).describe('Browser page'),
  phonebook: phonebookSchema(network),
  ldap: ldapSchema,
  records: z.strictObject({
    keepDays: z.int().min(1).max(3_650).default(730).describe('How long call records are kept'),
  }).prefault({}).describe('Call records'),
});

/** The effective configuration of one process; paths are absolute. */
export type Config = z.output<typeof configSchema> & {
  dialplans: string;
  /** The file it was read from, when there was one. */
  file?: string;
};
