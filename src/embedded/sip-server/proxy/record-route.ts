import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { parseNameAddr, parseUri, type SipMessage } from '../message';
import { authorityOf, isOurs, transportParameter } from '../core/local-uris';
import type { Flow, LocalPoint } from '../transport/flow';

const PARAMETER = 'pd';

/**
 * Marks the dialogs that we stay in as a proxy. The mark binds Call-ID and the caller's tag to a key of this process, so that
 * requests of those dialogs are known without keeping any of them, and nobody else's request is forwarded.
 */
export class DialogMarks {
  private readonly key = randomBytes(32);

  /** The Record-Route values to put before those of `request`: one, or one a side when the transports differ (RFC 5658). */
  recordRoutes(request: SipMessage, from: Flow, to: { local: LocalPoint; remoteAddress: string }): string[] {
    const mark = this.markOf(request.callId ?? '', request.fromTag ?? '');
    const routes = [to, { local: from.local, remoteAddress: from.remoteAddress }].map(({ local, remoteAddress }) =>
      `<sip:${authorityOf(local, remoteAddress)}${transportParameter(local)};lr;${PARAMETER}=${mark}>`);
    return [...new Set(routes)];
  }

  /** Removes our own Routes from the top of a request in a dialog; false when the dialog is none that we proxied. */
  takeOwnRoutes(request: SipMessage, points: readonly LocalPoint[]): boolean {
    let taken = false;
    for (;;) {
      const uri = parseUri(parseNameAddr(request.getAll('Route')[0] ?? '')?.uri ?? '');
      if (uri === undefined || !isOurs(uri, points)) return taken;
      if (!this.isMarked(request, uri.params.get(PARAMETER) ?? '')) return false;
      request.removeFirst('Route');
      taken = true;
    }
  }

  private isMarked(request: SipMessage, mark: string): boolean {
    const given = Buffer.from(mark);
    return [request.fromTag, request.toTag].some((tag) => {
      const expected = Buffer.from(this.markOf(request.callId ?? '', tag ?? ''));
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }

  private markOf(callId: string, callerTag: string): string {
    return createHmac('sha256', this.key).update(JSON.stringify([callId, callerTag])).digest('hex').slice(0, 32);
  }
}
