import { isIP } from 'node:net';
import { z } from 'zod';

const MOST_BANDWIDTH = 10_000_000;

const ipAddress = z.union([z.ipv4(), z.ipv6()]);
const port = (lowest: number) => z.int().min(lowest).max(65_535);
const kilobits = z.int().min(64).max(MOST_BANDWIDTH);

/** `192.0.2.1`, `192.0.2.1:1719` or `[2001:db8::1]:1719`. */
const rasAddress = z.string().refine((text) => {
  const [, bracketed, bare, after] = /^(?:\[([^\]]+)\]|([^:]+|[0-9a-f:]+:[0-9a-f:]*))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  return isIP(bracketed ?? bare ?? '') !== 0 && (after === undefined || (Number(after) > 0 && Number(after) < 65_536));
}, 'an IP address with or without a port, 192.0.2.1:1719 or [2001:db8::1]:1719');

const identifier = z.string().min(1).max(128);

const neighbour = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,40}$/, 'a short name of [a-z0-9-]').describe('Name used by dial plans, lists and logs'),
  address: rasAddress.describe('Where its RAS messages come from and go to; port 1719 where none is given'),
  gatekeeperIdentifier: identifier.optional().describe('Its gatekeeper identifier, where it wants to be called by it'),
  prefixes: z.array(z.string().regex(/^[0-9*#]{1,30}$/, 'digits')).max(1_000).default([]).describe('Beginnings of the numbers of its zone'),
  domains: z.array(z.string().regex(/^[a-z0-9][a-z0-9.-]{0,252}$/, 'a lower-case domain name')).max(1_000).default([]).describe('Domains of the names of its zone; without prefixes and domains it is asked for everything'),
  password: z.string().min(1).max(128).optional().describe('Password of location requests both ways (Cisco access token); better in a file'),
  passwordFile: z.string().optional().describe('File that holds the password'),
}).refine((one) => one.password === undefined || one.passwordFile === undefined, 'only one of password and passwordFile can be given');

const alternate = z.strictObject({
  address: rasAddress.describe('Its RAS address'),
  gatekeeperIdentifier: identifier.optional().describe('Its gatekeeper identifier'),
  needToRegister: z.boolean().default(true).describe('Whether endpoints have to register there before they call'),
  sites: z.array(z.string()).max(10_000).default([]).describe('Keys of the sites whose endpoints are told that this is the gatekeeper that they belong to'),
});

/** @param network type of an IP address or network */
export const h323Schema = (network: z.ZodType<string>) => z.strictObject({
  enabled: z.boolean().default(false).describe('Whether H.323 endpoints are served'),
  address: ipAddress.default('127.0.0.1').describe('IP address that RAS and call signalling listen at'),
  advertisedAddress: ipAddress.optional().describe('The address that endpoints are told instead, behind a router that translates it, or where address is 0.0.0.0'),
  gatekeeperIdentifier: identifier.default('etasilta').describe('Identifier of this gatekeeper; endpoints that name another are refused'),
  rasPort: port(0).default(1_719).describe('UDP port of RAS; 0: any free one'),
  signallingPort: port(0).default(1_720).describe('TCP port of call signalling; 0: any free one'),
  h245Ports: z.strictObject({
    min: port(1_024).default(15_000).describe('First port'),
    max: port(1_024).default(15_999).describe('Last port'),
  }).prefault({}).describe('TCP ports for H.245 connections'),
  mediaPorts: z.strictObject({
    min: port(1_024).default(16_000).describe('First port'),
    max: port(1_025).default(19_999).describe('Last port'),
  }).prefault({}).describe('UDP ports for encrypted media, four for each medium of a call; UDP and TCP ports for the floor of presentations (BFCP)'),
  encryption: z.enum(['off', 'wanted', 'required']).default('wanted')
    .describe('Whether media are encrypted towards H.323 endpoints (H.235.6): never, with those that do it too, or else there is no call'),
  callModel: z.enum(['gatekeeperRouted', 'direct']).default('gatekeeperRouted')
    .describe('Whether the signalling of all calls passes the gateway, or calls between two registered devices go straight; services always pass it'),
  preGrantedAdmission: z.boolean().default(false)
    .describe('Whether devices may answer calls without asking first (pre-granted ARQ), and those without a password make them; all such calls pass the gateway'),
  timeToLiveSeconds: z.int().min(20).max(86_400).default(300).describe('Longest time between registrations of an endpoint'),
  reportSeconds: z.int().min(10).max(3_600).default(60).describe('How often endpoints report their calls; one that is not heard of for three times as long is over'),
  maxRegistrations: z.int().min(1).max(200_000).default(20_000).describe('Endpoints at once'),
  unauthenticated: z.array(network).default([])
    .describe('Addresses and networks whose devices may register without a password while they have none ("etasilta h323 password")'),
  traversal: z.strictObject({
    enabled: z.boolean().default(true).describe('Whether endpoints behind firewalls are served as H.460.18 and H.460.19 say'),
    keepAliveSeconds: z.int().min(10).max(300).default(20).describe('How often such an endpoint registers, so that its firewall stays open'),
  }).prefault({}).describe('Traversal of firewalls'),
  bandwidth: z.strictObject({
    perCall: kilobits.default(6_000).describe('Most that one call gets, kbit/s both ways together'),
    perSite: kilobits.optional().describe('Most that the calls of one site get together, kbit/s; default: no limit'),
    sites: z.record(z.string(), kilobits).default({}).describe('The same for single sites, by their keys'),
  }).prefault({}).describe('Admission of calls by bandwidth'),
  neighbours: z.array(neighbour).max(1_000).default([]).describe('Gatekeepers of other zones that are asked for what is not known here, and that may ask'),
  alternateGatekeepers: z.array(alternate).max(16).default([]).describe('Gatekeepers that endpoints turn to when this one does not answer, the first one first'),
}).prefault({}).describe('H.323')
  .refine(({ address, advertisedAddress }) => advertisedAddress !== undefined || !['0.0.0.0', '::'].includes(address), 'address is no one address of this machine: advertisedAddress is needed')
  .refine(({ h245Ports: { min, max } }) => min < max, 'h245Ports.max is not above h245Ports.min')
  .refine(({ mediaPorts: { min, max } }) => max - min >= 8, 'mediaPorts.max is not far enough above mediaPorts.min')
  .refine(({ neighbours }) => new Set(neighbours.map(({ name }) => name)).size === neighbours.length, 'two neighbours have the same name');
