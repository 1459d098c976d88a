import { randomUUID } from 'node:crypto';
import type { Connection, EslEvent } from 'drachtio-modesl';
import Endpoint from 'drachtio-fsmrf/lib/endpoint';
import FsmrfServer from 'drachtio-fsmrf/lib/mediaserver';
import type { MediaTransport } from '../calls';
import { Channel } from './channel';
import { ask, canListen, hangUp, healthOf, openEventSocket, profilesOf, settled, writeWhole, type Health, type ServerAddress } from './event-socket';
import type { IncomingOffers } from './incoming-offers';
import { gone, serverFault } from './media-error';
import { SipSession, type SessionEvents } from './sip-session';
import type { SipStack } from './sip-stack';

/** Where this process listens for the connection that each channel makes, and what media servers are told of it. */
export interface EslListen {
  address: string;
  /** 0 is any. */
  port: number;
  advertisedAddress?: string;
  advertisedPort?: number;
}

/** Towards SIP, for all media servers. */
export interface SipSide {
  stack: SipStack;
  offers: IncomingOffers;
  owner: string | undefined;
}

export interface LinkEvents {
  health(health: Health): void;
  /** The connection is gone, or the server no longer says that it lives. Once. */
  lost(problem: string): void;
}

/** One endpoint at the server: its SIP session, and its channel as soon as the server hands that over. */
export interface Placed {
  id: string;
  session: SipSession;
  channel: Promise<Channel>;
  /** The server carries slides in a line of their own (RFC 4796). */
  slides: boolean;
}

/** Lines beside sound and picture that a server offers only when it is asked to, where it can. */
export interface ExtraLines {
  /** A second picture (RFC 4796). */
  slides?: boolean;
  /** Far-end camera control (RFC 4573). */
  camera?: boolean;
}

/** One for all, as of channels. */
const ENDED = gone('the endpoint');
/** The SIP profile that drachtio-fsmrf looks for. */
const PROFILE = 'drachtio_mrf';
const CONNECT_MS = 5_000;
/** FreeSWITCH sends a heartbeat each 20 s unless it is told otherwise. */
const SILENCE_MS = 65_000;
const LATE_MS = 5_000;
/** Nobody rings for longer. */
const OFFER_SECONDS = 3_600;

/** Says whose a channel is; also the name of the channel variable, after `sip_h_`. */
const OWNER = 'X-Media-Owner';

/** Channel variables that make FreeSWITCH offer each kind of media in one line a medium. */
const OFFERED: Record<MediaTransport, string> = {
  rtp: 'rtp_secure_media=forbidden,rtcp_mux=false',
  srtp: 'rtp_secure_media=mandatory,rtcp_mux=false',
  webrtc: 'media_webrtc=true',
};

/** Channel variables that have such lines offered, where the server knows them as global ones. */
const EXTRA: Record<keyof ExtraLines, string> = { slides: 'rtp_video_slides', camera: 'rtp_camera_control' };

/** A connected media server. */
export class ServerLink {
  private over = false;
  private readonly silence: NodeJS.Timeout;
  /** Calls that the server is told to make: what it says when one fails. drachtio-modesl would search through all for each that ends. */
  private readonly placing = new Map<string, (result: string) => void>();

  private constructor(
    private readonly sip: SipSide, private readonly connection: Connection, private readonly fsmrf: FsmrfServer,
    /** Where its SIP profile listens, and where it finds our SIP server. */
    private readonly address: string, private readonly ourAddress: string, readonly extra: Required<ExtraLines>, private readonly events: LinkEvents,
  ) {
    this.silence = setTimeout(() => this.end('no heartbeat'), SILENCE_MS).unref();
  }

  /** Rejects with MediaError when there is no media server that can be used. */
  static async connect(server: ServerAddress, listen: EslListen, sip: SipSide, events: LinkEvents): Promise<ServerLink> {
    await canListen(listen.address, listen.port);
    const connection = await openEventSocket(server);
    let fsmrf: FsmrfServer | undefined;
    let link: ServerLink | undefined;
    let ended: string | undefined;
    // Before drachtio-fsmrf's own listener, which would write on the console.
    connection.on('esl::end', () => {
      if (fsmrf) fsmrf.closing = true;
      ended = 'the event socket was closed';
      link?.end(ended);
    });
    try {
      const address = profilesOf(await ask(connection, 'sofia status')).get(PROFILE);
      if (address === undefined) throw serverFault(`media server ${server.host}:${server.port}`, `it has no SIP profile ${PROFILE}`);
      const ourAddress = await addressSeenFrom(sip.stack, address);
      if (sip.owner !== undefined) await ask(connection, `hupall MANAGER_REQUEST sip_h_${OWNER} ${sip.owner}`);
      const health = healthOf(await ask(connection, 'status'));
      const made = (fsmrf = new FsmrfServer(
        connection, { srf: sip.stack }, listen.address, listen.port, listen.advertisedAddress, listen.advertisedPort, PROFILE,
      ));
      // It would ask for the SIP profile once more, and give up after a second.
      made._isMediaServerReady = true;
      await settled(CONNECT_MS, 'nobody listens for its channels', (resolve) => made.once('connect', () => resolve(undefined)));
      made._server?.server.prependListener('connection', writeWhole);
      if (ended !== undefined) throw serverFault('media server', ended);
      const knows = async (line: keyof ExtraLines): Promise<boolean> => (await ask(connection, `global_getvar ${EXTRA[line]}`)).trim() === 'true';
      const linked = (link = new ServerLink(sip, connection, made, address, ourAddress, { slides: await knows('slides'), camera: await knows('camera') }, events));
      connection.on('esl::event::HEARTBEAT::*', (event) => linked.onHeartbeat(event));
      connection.on('esl::event::BACKGROUND_JOB::*', (event) => linked.placing.get(event.getHeader('Job-UUID') ?? '')?.(event.getBody()));
      connection.subscribe(['HEARTBEAT', 'BACKGROUND_JOB']);
      events.health(health);
      return link;
    } catch (error) {
      fsmrf?._server?.server.close();
      hangUp(connection);
      throw error;
    }
  }

  /** An endpoint that answers the party's offer. */
  async answer(offer: string, on: SessionEvents): Promise<Placed> {
    return this.place(on, (id, events) => SipSession.invite(this.sip.stack, this.uri, this.headers(id), offer, events));
  }

  /**
   * An endpoint that makes an offer. The server calls us by itself: its INVITE waits for the answer as long as phones ring,
   * where its answer to one of ours without a description would be given up after 32 s (RFC 3261 section 13.3.1.4).
   */
  async offer(transport: MediaTransport, extra: ExtraLines, on: SessionEvents): Promise<Placed> {
    return this.place(on, (id, events) => this.originate(id, transport, this.canOffer(extra), events));
  }

  /** Those of the lines that the server can offer. */
  canOffer(extra: ExtraLines): (keyof ExtraLines)[] {
    return (['slides', 'camera'] as const).filter((line) => extra[line] && this.extra[line]);
  }

  /** Ends the connection; `lost` is not called for it. */
  close(): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.silence);
    this.fsmrf.closing = true;
    this.fsmrf._server?.server.close();
    hangUp(this.connection);
  }

  private get uri(): string {
    return `sip:drachtio@${this.address}`;
  }

  private get application(): string {
    return `${this.fsmrf.advertisedAddress}:${this.fsmrf.advertisedPort}`;
  }

  private headers(id: string): Record<string, string> {
    return { 'User-Agent': `drachtio-fsmrf:${id}`, 'X-esl-outbound': this.application, ...(this.sip.owner !== undefined && { [OWNER]: this.sip.owner }) };
  }

  private async originate(id: string, transport: MediaTransport, extra: readonly (keyof ExtraLines)[], events: SessionEvents): Promise<SipSession> {
    const { user, arrived, withdraw } = this.sip.offers.expect();
    const variables = [
      `origination_uuid=${id}`, `sip_user_agent=drachtio-fsmrf:${id}`, `sip_h_X-esl-outbound=${this.application}`,
      ...(this.sip.owner === undefined ? [] : [`sip_h_${OWNER}=${this.sip.owner}`]), `originate_timeout=${OFFER_SECONDS}`, 'ignore_early_media=true', OFFERED[transport], ...extra.map((line) => `${EXTRA[line]}=true`),
    ];
    this.placing.set(id, (result) => { if (!result.startsWith('+OK')) withdraw(result.trim()); });
    this.connection.bgapi(`originate {${variables.join(',')}}sofia/${PROFILE}/sip:${user}@${this.ourAddress} drachtio XML mrf`, '', id);
    const { request, answer } = await arrived.finally(() => this.placing.delete(id));
    return SipSession.invited(this.sip.stack, request, answer, { 'User-Agent': `drachtio-fsmrf:${id}` }, events);
  }

  private async place(on: SessionEvents, start: (id: string, events: SessionEvents) => Promise<SipSession>): Promise<Placed> {
    const id = randomUUID();
    let fail: (error: unknown) => void = () => undefined;
    const failed = new Promise<never>((_resolve, reject) => { fail = reject; });
    // Whose channel is only now on its way finds somebody who ends it.
    failed.catch(() => {
      this.fsmrf.pendingConnections.set(id, { fn: (connection) => connection.execute('hangup') });
      setTimeout(() => this.fsmrf.pendingConnections.delete(id), LATE_MS).unref();
    });
    const connected = new Promise<Connection>((resolve) => this.fsmrf.pendingConnections.set(id, { fn: resolve }));
    const channel = Promise.race([connected, failed]).then((connection) => {
      const made = new Channel(new Endpoint(connection, {}, this.fsmrf, {}));
      // It would write on the console what the end of the connection tells us anyway.
      connection.removeAllListeners('error');
      failed.catch(() => made.close());
      return made;
    });
    channel.catch(() => undefined);
    try {
      const session = await start(id, { ...on, over: (byServer, why) => { fail(why ?? ENDED); on.over(byServer, why); } });
      return { id, session, channel, slides: this.extra.slides };
    } catch (error) {
      fail(error);
      throw error;
    }
  }

  private end(problem: string): void {
    if (this.over) return;
    this.close();
    this.events.lost(problem);
  }

  private onHeartbeat(event: EslEvent): void {
    this.silence.refresh();
    this.events.health({
      sessions: Number(event.getHeader('Session-Count') ?? 0), maxSessions: Number(event.getHeader('Max-Sessions') ?? 0),
      version: event.getHeader('FreeSWITCH-Version'),
    });
  }
}

/** Our SIP server's address as the media server sees it, from the Via of a request that is answered. */
function addressSeenFrom(stack: SipStack, address: string): Promise<string> {
  return settled(CONNECT_MS, `${address} does not answer OPTIONS`, (resolve, reject) => {
    stack.request(`sip:drachtio@${address}`, { method: 'OPTIONS' }, (error, request) => {
      const sentBy = request && /^SIP\/2\.0\/\w+\s+([^\s;,]+)/i.exec(request.get('Via'))?.[1];
      if (error || !sentBy) reject(serverFault('the SIP server', error?.message ?? 'it does not say where it sends from'));
      else request.once('response', () => resolve(sentBy));
    });
  });
}
