import { randomUUID } from 'node:crypto';
import type { Calls, CallSource } from '../calls';
import type { OwnNames } from './aor';
import { callerIdentity } from './caller-identity';
import type { Edge, Admitted } from './edge';
import { fault } from './fault';
import { parseCount, parseSipUri } from './grammar';
import type { InfoService } from './info-service';
import { parseReplaces, type Dialogs } from './legs/dialogs';
import type { Request, Response, SipStack } from './legs/drachtio';
import { ALLOW, PASSED_OPTIONS } from './legs/headers';
import { CancelWatch, SipInboundLeg } from './legs/inbound';
import { mediaOver } from './locator';
import type { Registrar } from './registrar';
import { type Answer, flowOf, type SipRequest } from './request';
import type { Caller } from './trust';

type IncomingRequest = Request & SipRequest;

/** drachtio-srf as the front end uses it: one handler a method. */
export interface SipApplication extends SipStack {
  use(method: string, handler: (req: IncomingRequest, res: Response) => void): void;
}

export interface FrontParts {
  srf: SipApplication;
  edge: Edge;
  names: OwnNames;
  registrar: Registrar;
  dialogs: Dialogs;
  infoServices: readonly InfoService[];
  onError: (error: unknown, what: string) => void;
}

/** Raw INVITEs apart from those of known callers, so that scan noise spoils no ratio. */
export interface InviteCounters {
  received: number;
  authenticated: number;
  rejected: number;
}

/** Methods that have no meaning here outside a dialog. PRACK, which comes before there is one, drachtio-srf answers itself. */
const OUT_OF_DIALOG = ['subscribe', 'publish', 'message', 'notify', 'refer', 'bye'];
const DEFAULT_HOPS = 70;
const UNKNOWN_CALLER = 'anonymous@anonymous.invalid';

/** The SIP side's handlers: calls go to calls/, registrations to the registrar, everything else is answered here. */
export class Front {
  readonly invites: InviteCounters = { received: 0, authenticated: 0, rejected: 0 };

  constructor(private readonly parts: FrontParts) {}

  listen(calls: Calls): void {
    const { srf, registrar } = this.parts;
    srf.use('invite', (req, res) => this.onInvite(req, res, calls));
    srf.use('register', (req, res) => this.handle(req, res, ({ identity }) =>
      // A REGISTER is accepted by its credentials alone.
      (identity ? registrar.register(req, identity) : fault(403, 'Only devices of the directory may register'))));
    srf.use('options', (req, res) => this.handle(req, res, () => ({
      status: 200, headers: { Allow: ALLOW, Accept: 'application/sdp', Supported: PASSED_OPTIONS.join(', ') },
    })));
    srf.use('info', (req, res) => this.handle(req, res, ({ caller }) => this.onInfo(req, caller)));
    for (const method of OUT_OF_DIALOG) srf.use(method, (req, res) => this.handle(req, res, () => refuseMethod(req)));
  }

  private onInvite(req: IncomingRequest, res: Response, calls: Calls): void {
    this.invites.received++;
    // Before anything that takes a turn of the event loop: the CANCEL may be next in line.
    const cancel = new CancelWatch(req);
    this.handle(req, res, ({ caller, body }) => {
      this.invites.authenticated++;
      const replaced = this.replacedBy(req);
      if (typeof replaced === 'object') return replaced;
      const { address = UNKNOWN_CALLER, displayName } = callerIdentity(req, caller);
      calls.incoming(new SipInboundLeg(this.parts.srf, {
        id: randomUUID(), req, res, cancel, source: sourceOf(caller), from: { address, name: displayName },
        dialled: dialledOf(req.uri, this.parts.names), offer: body.sdp, media: mediaOver(flowOf(req)?.transport ?? ''),
        hops: parseCount(req.get('max-forwards')) ?? DEFAULT_HOPS, ...(replaced !== undefined && { replaces: replaced }),
      }, this.parts.dialogs));
      return undefined;
    }, () => { this.invites.rejected++; });
  }

  /** The leg that a Replaces names, or what an INVITE is answered that names none (RFC 3891 section 3). */
  private replacedBy(req: IncomingRequest): string | Answer | undefined {
    const value = req.get('replaces');
    if (!value) return undefined;
    const named = parseReplaces(value);
    if (!named) return fault(400, 'Replaces names no dialog');
    const leg = this.parts.dialogs.legOf(named);
    if (leg === undefined) return this.parts.dialogs.hasEnded(named) ? fault(603, 'The dialog that Replaces names is over') : fault(481, 'There is no dialog that Replaces names');
    return named.earlyOnly ? fault(486, 'The dialog that Replaces names is answered') : leg;
  }

  private async onInfo(req: IncomingRequest, caller: Caller): Promise<Answer> {
    const uri = parseSipUri(req.uri);
    // A device asks in its own domain.
    const isOurs = (host: string): boolean => this.parts.names.isOurHost(host) || (caller.kind === 'endpoint' && caller.aor.endsWith(`@${host}`));
    const service = this.parts.infoServices.find(({ user }) => uri?.user?.toLowerCase() === user && isOurs(uri.host));
    if (service === undefined) return refuseMethod(req);
    if (caller.kind !== 'endpoint') return fault(403, `${service.user} is for devices of this system`);
    const type = (req.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
    if (type !== service.contentType) return fault(415, `INFO to ${service.user} carries ${service.contentType}`, { Accept: service.contentType });
    const { status, headers, body } = await service.answer(caller.aor, req.body ?? '');
    return body === undefined ? { status, headers } : { status, headers: { ...headers, 'Content-Type': service.contentType }, body };
  }

  /** Lets the request through the edge and answers what `work` says; nothing when it answers for itself. */
  private handle(req: IncomingRequest, res: Response, work: (admitted: Admitted) => Promise<Answer> | Answer | undefined, onRefused?: () => void): void {
    this.parts.edge.admit(req, res).then(async (admitted) => {
      if (!admitted) {
        onRefused?.();
        return;
      }
      const reply = await work(admitted);
      if (reply) res.send(reply.status, { headers: reply.headers, body: reply.body });
    }).catch((error: unknown) => {
      this.parts.onError(error, req.method);
      const { status, headers } = fault(500, 'internal error');
      res.send(status, { headers });
    });
  }
}

const sourceOf = (caller: Caller): CallSource =>
  (caller.kind === 'endpoint' ? { kind: 'registered', device: caller.aor } : { kind: 'peer', name: caller.peer.name });

/**
 * What was dialled, from the request-URI: user and host as written, or the number of a tel: URI. A device that was given this
 * system's address instead of its domain means the domain.
 */
function dialledOf(uri: string, names: OwnNames): string {
  const parsed = parseSipUri(uri);
  if (!parsed) return uri;
  if (parsed.user !== undefined && names.isOurHost(parsed.host)) return `${uri.replace(/@.*$/s, '')}@${names.domain}`;
  return uri.replace(/[;?].*$/s, '');
}

function refuseMethod(req: IncomingRequest): Answer {
  if (req.method === 'SUBSCRIBE' || req.method === 'PUBLISH') return fault(489, `Event ${req.get('event')} is not served here`);
  return { status: 405, headers: { Allow: ALLOW } };
}
