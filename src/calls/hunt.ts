import { COMPLETED_ELSEWHERE, release, type Release } from './cause';
import type { ActiveLeg, Contact, Diversion, LegEvents, Locator, Originator, OutboundAttempt, OutboundRequest, PassedHeaders } from './leg';
import { diversionHeader, diversionIn, MAX_DIVERSIONS } from './diversion';
import type { AttemptRecord, AttemptResult } from './record';
import type { Occupancy } from './occupancy';
import type { PlanStage, Target } from '../routing';

/** How often the devices that are rung may send the call elsewhere. */
const MAX_FOLLOWED = 3;

/** What hunting needs from the rest. */
export interface HuntDeps {
  locator: Locator;
  originator: Originator;
  occupancy: Occupancy;
  now: () => number;
  /** Who is rung for what a device dials, at first; undefined: diversions by the devices that are rung are not followed. */
  targetsOf?: (dialled: string, device: string) => Promise<readonly Target[]>;
}

/** The device that answered. */
export interface Answer {
  leg: ActiveLeg;
  sdp: string;
  headers: PassedHeaders;
  ack?: (sdp: string | undefined) => void;
  /** Device address, or the URI of a peer's target. */
  device: string;
  person?: string;
  name?: string;
  /** Frees the device's line; call when the leg has ended. */
  free: () => void;
}

interface Branch {
  attempt: AttemptRecord;
  free: () => void;
  pending: Set<OutboundAttempt>;
}

/**
 * Rings the stages of a plan until somebody answers: a stage's targets all at once, or one after another in the order that
 * routing gave. Busy and unreachable targets are passed over; every try is written into `attempts`.
 */
export class Hunt {
  /** Why this gateway itself could not ring somebody, such as no room at the media servers. */
  ownFault: Release | undefined;
  private stopped = false;
  private followed = 0;
  private stopGroup: ((why: Release) => void) | undefined;

  constructor(
    private readonly deps: HuntDeps,
    private readonly request: OutboundRequest,
    private readonly attempts: AttemptRecord[],
    private readonly onRinging: (sdp?: string) => void,
    /** Events of the answering leg until (and after) it is bridged; attached in the same turn as the answer arrives. */
    private readonly eventsOfCallee: () => LegEvents,
    private readonly onDiverted: (diversion: Diversion) => void = () => undefined,
  ) {}

  /** Resolves with who answered, or undefined when nobody did or the hunt was stopped. */
  async run(stages: readonly PlanStage[]): Promise<Answer | undefined> {
    const total = stages.reduce((sum, stage) => sum + stage.targets.length, 0);
    for (const stage of stages) {
      const groups = stage.strategy === 'all' ? [stage.targets] : stage.targets.map((target) => [target]);
      const deadline = this.deps.now() + stage.ringSeconds * 1_000;
      for (const targets of groups) {
        const left = deadline - this.deps.now();
        if (this.stopped || left <= 0) break;
        const limit = stage.strategy === 'all' ? left : Math.min(left, stage.targetSeconds * 1_000);
        // Early media of one callee among several would be cut by another's answer: only a lone target's passes.
        const answer = await this.ring(targets, limit, total === 1);
        if (answer) return answer;
      }
      if (this.stopped) return undefined;
    }
    return undefined;
  }

  /** Stops every ringing leg at once. */
  stop(why: Release): void {
    this.stopped = true;
    this.stopGroup?.(why);
  }

  private ring(targets: readonly Target[], limitMs: number, earlyMedia: boolean): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const branches = new Set<Branch>();
      let done = false;
      const finish = (answer: Answer | undefined, why: Release, result: AttemptResult): void => {
        if (done) return;
        done = true;
        clearTimeout(timer);
        this.stopGroup = undefined;
        for (const branch of branches) {
          for (const pending of branch.pending) pending.cancel(why);
          this.end(branch, result, why);
        }
        branches.clear();
        resolve(answer);
      };
      const timer = setTimeout(
        () => finish(undefined, release(480, 'no answer', 'gateway', { q850: 19 }), 'no-answer'), limitMs);
      this.stopGroup = (why) => finish(undefined, why, 'cancelled');

      const ring = (called: readonly Target[], request: OutboundRequest): void => {
        for (const target of called) {
          for (const { device, contacts } of this.reach(target)) {
            const attempt: AttemptRecord = { device, at: this.deps.now() };
            if (target.person !== undefined) attempt.person = target.person;
            this.attempts.push(attempt);
            if (contacts.length === 0) {
              this.close(attempt, 'unreachable', release(480, 'not registered', 'callee', { q850: 20 }));
              continue;
            }
            const free = this.deps.occupancy.take(device);
            if (!free) {
              this.close(attempt, 'busy', release(486, 'in another call', 'callee'));
              continue;
            }
            const branch: Branch = { attempt, free, pending: new Set() };
            branches.add(branch);
            for (const contact of contacts) this.originate(contact, request, branch, target, earlyMedia, {
              isDone: () => done,
              answered: (answer) => { branches.delete(branch); finish(answer, COMPLETED_ELSEWHERE, 'elsewhere'); },
              failed: () => {
                branches.delete(branch);
                if (branches.size === 0) finish(undefined, release(480, 'nobody answered', 'gateway'), 'failed');
              },
              sentElsewhere: (why, diversion) => {
                // The group waits for where that leads.
                this.follow(device, diversion, request).catch(() => undefined).then((next) => {
                  branches.delete(branch);
                  this.end(branch, 'failed', why);
                  if (done) return;
                  if (next) {
                    this.onDiverted(diversion);
                    ring(next.targets, next.request);
                  }
                  if (branches.size === 0) finish(undefined, release(480, 'nobody answered', 'gateway'), 'failed');
                }, () => undefined);
              },
            });
          }
        }
      };
      ring(targets, this.request);
      if (branches.size === 0) finish(undefined, release(480, 'nobody answered', 'gateway'), 'failed');
    });
  }

  private originate(
    contact: Contact, request: OutboundRequest, branch: Branch, target: Target, earlyMedia: boolean,
    group: { isDone: () => boolean; answered: (answer: Answer) => void; failed: () => void; sentElsewhere: (why: Release, diversion: Diversion) => void },
  ): void {
    const { attempt } = branch;
    const own = this.deps.originator.originate(contact, request, {
      ringing: (sdp) => {
        if (group.isDone()) return;
        attempt.rangAt ??= this.deps.now();
        this.onRinging(earlyMedia ? sdp : undefined);
      },
      diverted: (diversion) => {
        if (!group.isDone()) this.onDiverted(diversion);
      },
      answered: (leg, answer) => {
        branch.pending.delete(own);
        if (group.isDone()) {
          leg.release(COMPLETED_ELSEWHERE);
          return;
        }
        leg.attach(this.eventsOfCallee());
        // The same device's other contacts lose the race too.
        for (const other of branch.pending) other.cancel(COMPLETED_ELSEWHERE);
        attempt.result = 'answered';
        attempt.endedAt = this.deps.now();
        group.answered({ leg, ...answer, device: attempt.device,
          person: target.person, name: target.name, free: branch.free });
      },
      failed: (why) => {
        branch.pending.delete(own);
        const result = resultOf(why);
        if (result === 'failed' && why.by === 'gateway') this.ownFault = why;
        // Busy or declined is said by the people at the device: its other contacts need not be waited for.
        const final = result === 'busy' || result === 'declined' || why.diversion !== undefined;
        if (group.isDone() || attempt.result || (branch.pending.size > 0 && !final)) return;
        for (const other of branch.pending) other.cancel(why);
        branch.pending.clear();
        if (why.diversion) return group.sentElsewhere(why, why.diversion);
        this.end(branch, result, why);
        group.failed();
      },
    });
    branch.pending.add(own);
  }

  /** Where a device's diversion leads, and the call as it goes there; undefined: nowhere that the device may call, or too often. */
  private async follow(device: string, { to, reason }: Diversion, request: OutboundRequest): Promise<{ targets: readonly Target[]; request: OutboundRequest } | undefined> {
    const counter = (diversionIn(request.headers.Diversion)?.counter ?? 0) + 1;
    if (this.followed++ >= MAX_FOLLOWED || counter > MAX_DIVERSIONS) return undefined;
    const targets = await this.deps.targetsOf?.(to, device) ?? [];
    return targets.length === 0 ? undefined : { targets, request: { ...request, headers: { ...request.headers, Diversion: diversionHeader({ by: device, reason, counter }) } } };
  }

  private reach(target: Target): { device: string; contacts: Contact[] }[] {
    if (target.peer !== undefined) {
      const contact = this.deps.locator.contactForUri(target.uri, target.peer);
      return [{ device: target.uri, contacts: contact ? [contact] : [] }];
    }
    return target.devices.map((device) => ({ device, contacts: this.deps.locator.contactsFor(device) }));
  }

  private end(branch: Branch, result: AttemptResult, why: Release): void {
    branch.free();
    this.close(branch.attempt, result, why);
  }

  private close(attempt: AttemptRecord, result: AttemptResult, why: Release): void {
    if (attempt.result) return;
    Object.assign(attempt, { result, endedAt: this.deps.now(), status: why.status, q850: why.q850, text: why.text });
  }
}

function resultOf(why: Release): AttemptResult {
  switch (why.status) {
    case 486: case 600: return 'busy';
    case 480: case 404: case 410: return 'unreachable';
    case 408: return 'no-answer';
    case 603: return 'declined';
    case 487: return 'cancelled';
    default: return 'failed';
  }
}
