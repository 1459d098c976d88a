import { release, type Release } from './cause';
import type { Joining } from './joining';
import type { CallSource, LegMessage, LegReply } from './leg';
import type { RouteResult, RoutingPlan } from '../routing';

/** By these an end says that it cannot be referred at all, not that it does not want to. */
const CANNOT = new Set([405, 420, 489, 501]);
/** How long a third party may ring, told to the referrer as the life of its subscription, seconds. */
const SUBSCRIPTION_SECONDS = 180;

/** Whether the gateway has to carry out itself what this end was asked by a REFER. */
export const hasToBeCarriedOut = ({ method }: LegMessage, { status }: LegReply): boolean => method === 'REFER' && CANNOT.has(status);

/** The one of a call's ends that transfers the other. */
export interface Referrer {
  send(message: LegMessage): Promise<unknown>;
  /** Its part in the call is over. */
  leave(why: Release): void;
  error(error: unknown): void;
}

/** What carrying out a transfer needs to know of the call. */
export interface TransferHost extends Referrer {
  route(dialled: string, source: CallSource): Promise<RouteResult>;
  join(plan: RoutingPlan, dialled: string): Joining | undefined;
}

/** Who asks, and for what. */
export interface TransferRequest {
  /** Undefined for one that may not dial. */
  source: CallSource | undefined;
  message: LegMessage;
}

/**
 * Transfers the other end of a call where that cannot do it itself: what the referrer names is rung as if the referrer dialled it, and
 * takes its place in the call. The referrer hears by NOTIFY how that goes (RFC 3515 section 2.4.4) and stays until somebody answers.
 */
export async function transfer(host: TransferHost, { source, message }: TransferRequest): Promise<LegReply> {
  const dialled = dialledIn(message.headers['Refer-To']);
  if (dialled === undefined) return { status: 400, headers: {} };
  if (!source) return { status: 403, headers: {} };
  const routed = await host.route(dialled, source);
  if (routed.kind === 'refused') return { status: routed.status, headers: { Warning: routed.warning } };
  // A room or an empty plan has nobody to be rung.
  const joining = routed.stages.length > 0 ? host.join(routed, dialled) : undefined;
  if (!joining) return { status: 488, headers: {} };
  return accept(host, joining.done);
}

/** Accepts a REFER; the referrer is told what comes of it, and leaves the call when `done` says that somebody else is in. */
export function accept(referrer: Referrer, done: Promise<Release | undefined>): LegReply {
  setImmediate(() => {
    follow(referrer, done).catch((error: unknown) => referrer.error(error));
  });
  return { status: 202, headers: {} };
}

async function follow(referrer: Referrer, done: Promise<Release | undefined>): Promise<void> {
  void referrer.send(notify('100 Trying', `active;expires=${SUBSCRIPTION_SECONDS}`));
  const why = await done;
  await referrer.send(notify(why ? `${why.status} ${why.text.replace(/[\r\n]/g, ' ')}` : '200 OK', 'terminated;reason=noresource'));
  if (!why) referrer.leave(release(200, 'the other end was transferred', 'gateway', { q850: 16 }));
}

const notify = (status: string, state: string): LegMessage => ({
  method: 'NOTIFY', headers: { Event: 'refer', 'Subscription-State': state, 'Content-Type': 'message/sipfrag;version=2.0' }, body: `SIP/2.0 ${status}\r\n`,
});

/** The address of a Refer-To, without parameters; undefined for what is none, or what is more than to dial (Replaces of a call elsewhere). */
function dialledIn(referTo: string | undefined): string | undefined {
  const [, uri] = /^[^<]{0,200}<([^<>]{1,500})>/.exec(referTo ?? '') ?? /^\s*([^\s;<>]{1,500})/.exec(referTo ?? '') ?? [];
  return uri === undefined || uri.includes('?') ? undefined : uri.replace(/;[^@]*$/, '');
}
