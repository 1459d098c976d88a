/** The m= section of a BFCP stream in a session description (RFC 8856; TCP: RFC 4145). */

export type BfcpTransport = 'UDP/BFCP' | 'TCP/BFCP' | 'UDP/TLS/BFCP' | 'TCP/TLS/BFCP';
/** `a=floorctrl` (RFC 8856 section 5.1): client only, server only, both. */
export type FloorControlRole = 'c-only' | 's-only' | 'c-s';
export type Setup = 'active' | 'passive' | 'actpass' | 'holdconn';

export interface BfcpDescription {
  transport: BfcpTransport;
  /** From the section's or the session's c= line; formatted only where it is given. */
  address?: string;
  /** 0 refuses the stream. */
  port: number;
  /** Empty where the description does not say: then the offerer is the client. */
  roles: FloorControlRole[];
  /** What a server tells its client. */
  conferenceId?: number;
  userId?: number;
  floors: { floorId: number; /** `a=label` of the media that the floor is for. */ labels: string[] }[];
  /** Empty where the description does not say. */
  versions: (1 | 2)[];
  setup?: Setup;
  connection?: 'new' | 'existing';
  /** Place among the m= sections, from 0; as read. */
  index?: number;
}

/** What a BFCP stream is once both sides have described it. */
export interface BfcpAgreement {
  /** What this side is. */
  role: 'client' | 'server';
  reliable: boolean;
  version: 1 | 2;
  conferenceId: number;
  /** The client's. */
  userId: number;
  floorIds: number[];
  /** Where the other side is; over TCP meaningful where this side connects. */
  remote: { address: string; port: number };
  /** TCP: this side connects. */
  connects: boolean;
}

/** What this side can be; the first role that suits is taken. */
export interface BfcpCapabilities {
  transports: readonly BfcpTransport[];
  roles: readonly Exclude<FloorControlRole, 'c-s'>[];
  address?: string;
  port: number;
  conferenceId: number;
  /** The other side's, where it is the client. */
  userId: number;
  floors: BfcpDescription['floors'];
  /** TCP: which side this would rather be; default passive. */
  setup?: 'active' | 'passive';
  /** TCP: there is a connection that can go on (RFC 4145 section 5). */
  connected?: boolean;
}

const TRANSPORTS: readonly string[] = ['UDP/BFCP', 'TCP/BFCP', 'UDP/TLS/BFCP', 'TCP/TLS/BFCP'] satisfies BfcpTransport[];
const ROLES: readonly string[] = ['c-only', 's-only', 'c-s'] satisfies FloorControlRole[];
const SETUPS: readonly string[] = ['active', 'passive', 'actpass', 'holdconn'] satisfies Setup[];
const MAX_SECTIONS = 64;
const MAX_FLOORS = 16;
/** Port of a TCP side that only connects (RFC 4145 section 4.1). */
const DISCARD_PORT = 9;

const isReliable = (transport: BfcpTransport): boolean => transport.startsWith('TCP');

/** The BFCP sections of a description, refused ones too. What is not understood in them is left out. */
export function readBfcp(sdp: string): BfcpDescription[] {
  const [session = '', ...sections] = sdp.split(/\r\n(?=m=)|\n(?=m=)/).slice(0, MAX_SECTIONS + 1);
  return sections.flatMap((section, index) => {
    const [, port, transport] = /^m=application (\d{1,5}) (\S+) \*/.exec(section) ?? [];
    if (port === undefined || !TRANSPORTS.includes(transport!) || Number(port) > 0xffff) return [];
    const values = (name: string): string[] => [...section.matchAll(new RegExp(`^a=${name}:(.*)$`, 'gm'))].map(([, value]) => value!.trim());
    const address = connectionAddress(section) ?? connectionAddress(session);
    const conferenceId = integer(values('confid')[0], 0xffff_ffff);
    const userId = integer(values('userid')[0], 0xffff);
    const setup = values('setup')[0] ?? /^a=setup:(\w+)/m.exec(session)?.[1];
    const connection = values('connection')[0];
    return [{
      transport: transport as BfcpTransport, port: Number(port), index,
      roles: words(values('floorctrl')[0]).filter((role): role is FloorControlRole => ROLES.includes(role)),
      floors: values('floorid').slice(0, MAX_FLOORS).flatMap(readFloor),
      versions: words(values('bfcpver')[0]).flatMap((version) => (version === '1' ? [1 as const] : version === '2' ? [2 as const] : [])),
      ...(address !== undefined && { address }), ...(conferenceId !== undefined && { conferenceId }), ...(userId !== undefined && { userId }),
      ...(SETUPS.includes(setup ?? '') && { setup: setup as Setup }),
      ...((connection === 'new' || connection === 'existing') && { connection }),
    }];
  });
}

/** The section as lines, each ended with CRLF. */
export function formatBfcp({ transport, address, port, roles, conferenceId, userId, floors, versions, setup, connection }: BfcpDescription): string {
  const lines = [`m=application ${port} ${transport} *`];
  if (port !== 0) {
    if (address !== undefined) lines.push(`c=IN ${address.includes(':') ? 'IP6' : 'IP4'} ${address}`);
    if (roles.length > 0) lines.push(`a=floorctrl:${roles.join(' ')}`);
    if (conferenceId !== undefined) lines.push(`a=confid:${conferenceId}`);
    if (userId !== undefined) lines.push(`a=userid:${userId}`);
    for (const { floorId, labels } of floors) lines.push(labels.length > 0 ? `a=floorid:${floorId} mstrm:${labels.join(' ')}` : `a=floorid:${floorId}`);
    if (versions.length > 0) lines.push(`a=bfcpver:${versions.join(' ')}`);
    if (setup !== undefined) lines.push(`a=setup:${setup}`);
    if (connection !== undefined) lines.push(`a=connection:${connection}`);
  }
  return lines.map((line) => `${line}\r\n`).join('');
}

/** This side's offer, with the first of its transports. It names all its roles, and what it would be to a client. */
export function offerBfcp(capabilities: BfcpCapabilities): BfcpDescription {
  const { transports: [transport = 'UDP/BFCP'], roles, address, port, conferenceId, userId, floors, setup, connected } = capabilities;
  const both = roles.includes('c-only') && roles.includes('s-only');
  return {
    transport, port: isReliable(transport) && setup === 'active' ? DISCARD_PORT : port, ...(address !== undefined && { address }),
    roles: both ? ['c-s'] : [...roles], versions: [...versionsOf(transport)],
    ...(roles.includes('s-only') ? { conferenceId, userId, floors } : { floors: [] }),
    ...(isReliable(transport) && { setup: setup ?? 'actpass', connection: connected ? 'existing' : 'new' }),
  };
}

/** The answer to an offered stream; refused (port 0) where nothing fits. */
export function answerBfcp(offer: BfcpDescription, capabilities: BfcpCapabilities): BfcpDescription {
  const refused: BfcpDescription = { transport: offer.transport, port: 0, roles: [], floors: [], versions: [] };
  const { transports, roles, address, port, conferenceId, userId, floors, connected } = capabilities;
  const role = roles.find((each) => canBe(offer).includes(each));
  const version = versionsOf(offer.transport).find((each) => (offer.versions.length === 0 ? [defaultVersion(offer.transport)] : offer.versions).includes(each));
  const setup = isReliable(offer.transport) ? answeredSetup(offer.setup, capabilities.setup) : undefined;
  // Who would be a client needs to be told whose.
  const told = role === 's-only' || (offer.conferenceId !== undefined && offer.userId !== undefined);
  if (offer.port === 0 || !transports.includes(offer.transport) || role === undefined || version === undefined || !told) return refused;
  return {
    transport: offer.transport, port: setup === 'active' ? DISCARD_PORT : port, ...(address !== undefined && { address }), roles: [role], versions: [version],
    ...(role === 's-only' ? { conferenceId, userId, floors } : { floors: [] }),
    ...(setup && { setup, connection: connected && offer.connection === 'existing' ? 'existing' : 'new' }),
  };
}

/** What offer and answer come to for one side; undefined where the stream was refused or the descriptions do not go together. */
export function agreeOnBfcp(offer: BfcpDescription, answer: BfcpDescription, side: 'offerer' | 'answerer'): BfcpAgreement | undefined {
  const [local, remote] = side === 'offerer' ? [offer, answer] : [answer, offer];
  const answererServes = answer.roles.length === 0 ? canBe(offer).includes('s-only') : answer.roles[0] !== 'c-only';
  const [server, role] = (side === 'answerer') === answererServes ? [local, 'server' as const] : [remote, 'client' as const];
  const reliable = isReliable(offer.transport);
  if (offer.port === 0 || answer.port === 0 || answer.transport !== offer.transport || remote.address === undefined) return undefined;
  if (server.conferenceId === undefined || server.userId === undefined) return undefined;
  if (reliable && (remote.setup === 'holdconn' || local.setup === 'holdconn')) return undefined;
  return {
    role, reliable, version: answer.versions[0] ?? (offer.versions.length === 1 ? offer.versions[0]! : defaultVersion(offer.transport)),
    conferenceId: server.conferenceId, userId: server.userId, floorIds: server.floors.map(({ floorId }) => floorId),
    remote: { address: remote.address, port: remote.port },
    // RFC 4145 section 4: the answer decides; unsaid, the offerer connects.
    connects: reliable && ((answer.setup ?? 'passive') === 'active') === (side === 'answerer'),
  };
}

/** What the answerer can be; without `floorctrl` the offerer is the client (RFC 8856 section 5.1). */
function canBe({ roles }: BfcpDescription): FloorControlRole[] {
  const offered = roles.length === 0 ? ['c-only'] : roles;
  return [
    ...(offered.includes('c-only') || offered.includes('c-s') ? ['s-only' as const] : []),
    ...(offered.includes('s-only') || offered.includes('c-s') ? ['c-only' as const] : []),
  ];
}

/** The best first. Over UDP older devices know only version 1. */
const versionsOf = (transport: BfcpTransport): readonly (1 | 2)[] => (isReliable(transport) ? [1] : [2, 1]);
/** RFC 8856 section 5.5. */
const defaultVersion = (transport: BfcpTransport): 1 | 2 => (isReliable(transport) ? 1 : 2);

/** RFC 4145 section 4.1; an offer that does not say connects. */
function answeredSetup(offered: Setup = 'active', preferred: 'active' | 'passive' = 'passive'): Setup {
  return ({ active: 'passive', passive: 'active', actpass: preferred, holdconn: 'holdconn' } as const)[offered];
}

function readFloor(value: string): { floorId: number; labels: string[] }[] {
  // RFC 4583 wrote m-stream.
  const [, id, labels] = /^(\d+)(?:\s+(?:mstrm|m-stream):\s*(.*))?$/.exec(value) ?? [];
  const floorId = integer(id, 0xffff);
  return floorId === undefined ? [] : [{ floorId, labels: words(labels) }];
}

const words = (text: string | undefined): string[] => text?.split(/\s+/).filter((word) => word !== '') ?? [];
const connectionAddress = (section: string): string | undefined => /^c=IN IP[46] ([^\s/]+)/m.exec(section)?.[1];

function integer(text: string | undefined, greatest: number): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) && Number(text) <= greatest ? Number(text) : undefined;
}
