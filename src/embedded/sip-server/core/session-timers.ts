import type { SipMessage } from '../message';
import type { CoreContext, EndDialog } from './core-context';
import type { Dialog } from './dialog';

/** RFC 4028 section 4. */
const MINIMUM_SECONDS = 90;
const MAXIMUM_SECONDS = 86_400;

interface SessionExpires {
  seconds: number;
  refresher: 'uac' | 'uas' | undefined;
}

function read(message: SipMessage): SessionExpires | undefined {
  const match = /^(\d{1,10})\s*(?:;(.*))?$/.exec(message.get('Session-Expires') ?? '');
  if (match === null) return undefined;
  const refresher = /(?:^|;)\s*refresher\s*=\s*(uac|uas)/i.exec(match[2] ?? '')?.[1]?.toLowerCase();
  return { seconds: Math.min(Number(match[1]), MAXIMUM_SECONDS), refresher: refresher as SessionExpires['refresher'] };
}

/**
 * Session timers (RFC 4028) as drachtio-server runs them: who accepts an interval has it kept by the server, which refreshes
 * with a re-INVITE of its own at half time, or ends the dialog when the peer did not refresh.
 */
export class SessionTimers {
  constructor(private readonly context: CoreContext, private readonly refresh: (dialog: Dialog, seconds: number) => void,
    private readonly endDialog: EndDialog) {}

  /** An interval below our minimum is refused with 422 (section 9). */
  isTooShort(request: SipMessage): boolean {
    const asked = read(request);
    return asked !== undefined && asked.seconds < MINIMUM_SECONDS;
  }

  get minimum(): string {
    return String(MINIMUM_SECONDS);
  }

  /**
   * Our 2xx to an INVITE. What the application says in Session-Expires holds; otherwise, in the first INVITE, the caller's
   * offer is accepted and said so in `response`, unless it leaves open who refreshes.
   */
  onAnswering(dialog: Dialog, request: SipMessage, response: SipMessage, initial: boolean): void {
    const ours = read(response);
    const theirs = read(request);
    if (ours !== undefined) return this.run(dialog, ours.seconds, ours.refresher === 'uas');
    if (theirs?.refresher === undefined || !initial) return;
    const seconds = Math.max(MINIMUM_SECONDS, theirs.seconds);
    response.set('Session-Expires', `${seconds};refresher=${theirs.refresher}`);
    this.run(dialog, seconds, theirs.refresher === 'uas');
  }

  /** The peer's re-INVITE or UPDATE begins the interval anew. */
  onRequest(dialog: Dialog, request: SipMessage): void {
    const asked = read(request);
    const weRefreshed = dialog.session?.weRefresh ?? false;
    this.stop(dialog);
    if (asked === undefined) return;
    const theyRefresh = asked.refresher === undefined ? weRefreshed : asked.refresher === 'uac';
    this.run(dialog, asked.seconds, !theyRefresh);
  }

  /** A 2xx to our INVITE or UPDATE. */
  onAnswered(dialog: Dialog, response: SipMessage): void {
    const granted = read(response);
    if (granted !== undefined) this.run(dialog, granted.seconds, granted.refresher !== 'uas');
  }

  stop(dialog: Dialog): void {
    dialog.session?.timer.cancel();
    dialog.session = undefined;
  }

  /** Starts the interval: half of it for a refresh of ours, all of it for the peer's. */
  run(dialog: Dialog, wanted: number, weRefresh: boolean): void {
    this.stop(dialog);
    const seconds = Math.max(MINIMUM_SECONDS, wanted);
    const due = (weRefresh ? seconds / 2 : seconds) * 1000;
    const timer = this.context.timers.start(due, () => {
      dialog.session = undefined;
      if (weRefresh) this.refresh(dialog, seconds);
      else this.endDialog(dialog, 'Session timer expired', 'session-expired');
    });
    dialog.session = { seconds, weRefresh, timer };
  }
}
