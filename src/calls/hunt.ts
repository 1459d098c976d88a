import { COMPLETED_ELSEWHERE, release, type Release } from './cause';
import type { ActiveLeg, Contact, Diversion, LegEvents, Locator, Originator, OutboundAttempt, OutboundRequest, PassedHeaders } from './leg';
import { divertedAgain } from './diversion';
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
  /** Who is rung for what a device dials; undefined: diversions by the devices that are rung are not followed. */
  stagesOf?: (dialled: string, device: string) => Promise<readonly PlanStage[]>;
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
  private stopGroup: ((why: Release) => void) | undefined;

  constructor(
    private readonly deps: HuntDeps,
    private readonly request: OutboundRequest,
    private readonly attempts: AttemptRecord[],
    private readonly onRinging: (sdp?: string) => void,
    /** Events of the answering leg until (and after) it is bridged; attached in the same turn as the answer arrives. */
    private readonly eventsOfCallee: () => LegEvents,
    private readonly onDiverted: (diversion: Diversion) => void = () => undefined,
    /** Diversions that may still be followed, of this hunt and those that it leads to. */
    private readonly allowance = { left: MAX_FOLLOWED },
  ) {}

  /** Resolves with who answered, or undefined when nobody did or the hunt was stopped. `isAlone`: nobody else rings for the caller meanwhile. */
  async run(stages: readonly PlanStage[], isAlone = true): Promise<Answer | undefined> {
    const total = stages.reduce((sum, stage) => sum + stage.targets.length, 0);
    for (const stage of stages) {
      const groups = stage.strategy === 'all' ? [stage.targets] : stage.targets.map((target) => [target]);
      const deadline = this.deps.now() + stage.ringSeconds * 1_000;
      for (const targets of groups) {
        const left = deadline - this.deps.now();
        if (this.stopped || left <= 0) break;
        const limit = stage.strategy === 'all' ? left : Math.min(left, stage.targetSeconds * 1_000);
        // Early media of one callee among several would be cut by another's answer: only a lone target's passes.
        const answer = await this.ring(targets, limit, isAlone && total === 1);
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
    return new Promise((resolve, reject) => {
      const branches = new Set<Branch>();
      /** Where devices of this group have sent the call. */
      const elsewhere = new Set<Hunt>();
      let done = false;
      const endBranches = (result: AttemptResult, why: Release): void => {
        for (const branch of branches) {
          for (const pending of branch.pending) pending.cancel(why);
          this.end(branch, result, why);
        }
        branches.clear();
      };
      const finish = (answer: Answer | undefined, why: Release, result: AttemptResult): void => {
        if (done) return;
        done = true;
        clearTimeout(timer);
        this.stopGroup = undefined;
        endBranches(result, why);
        for (const hunt of elsewhere) hunt.stop(why);
        resolve(answer);
      };
      const finishUnlessRinging = (): void => {
        if (branches.size + elsewhere.size === 0) finish(undefined, release(480, 'nobody answered', 'gateway'), 'failed');
      };
      // Who was sent the call rings as long as for any other call.
      const timer = setTimeout(() => {
        endBranches('no-answer', release(480, 'no answer', 'gateway', { q850: 19 }));
        finishUnlessRinging();
      }, limitMs);
      this.stopGroup = (why) => finish(undefined, why, 'cancelled');

      const follow = async (branch: Branch, why: Release, diversion: Diversion): Promise<void> => {
        const next = await this.follow(branch.attempt.device, diversion).catch(() => undefined);
        // Its time was over meanwhile, or the group's.
        if (!branches.delete(branch)) return;
        this.end(branch, 'failed', why);
        if (next) {
          this.onDiverted(diversion);
          elsewhere.add(next.hunt);
          const answer = await next.hunt.run(next.stages, earlyMedia);
          elsewhere.delete(next.hunt);
          this.ownFault ??= next.hunt.ownFault;
          if (answer && done) giveUp(answer);
          else if (answer) finish(answer, COMPLETED_ELSEWHERE, 'elsewhere');
        }
        finishUnlessRinging();
      };

      for (const target of targets) {
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
          for (const contact of contacts) this.originate(contact, branch, target, earlyMedia, {
            isDone: () => done,
            answered: (answer) => { branches.delete(branch); finish(answer, COMPLETED_ELSEWHERE, 'elsewhere'); },
            failed: () => { branches.delete(branch); finishUnlessRinging(); },
            sentElsewhere: (why, diversion) => { follow(branch, why, diversion).catch(reject); },
          });
        }
      }
      finishUnlessRinging();
    });
  }

  private originate(
    contact: Contact, branch: Branch, target: Target, earlyMedia: boolean,
    group: { isDone: () => boolean; answered: (answer: Answer) => void; failed: () => void; sentElsewhere: (why: Release, diversion: Diversion) => void },
  ): void {
    const { attempt } = branch;
    const own = this.deps.originator.originate(contact, this.request, {
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
        if (group.isDone() || attempt.result) {
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

  /** Where a device's diversion leads, and who hunts there; undefined: nowhere that the device may call, or too often. */
  private async follow(device: string, { to, reason }: Diversion): Promise<{ stages: readonly PlanStage[]; hunt: Hunt } | undefined> {
    const { deps, request, allowance } = this;
    const diversions = divertedAgain(request.diversions ?? [], device, reason);
    if (allowance.left-- <= 0 || !diversions) return undefined;
    const stages = await deps.stagesOf?.(to, device) ?? [];
    return stages.length === 0 ? undefined
      : { stages, hunt: new Hunt(deps, { ...request, diversions }, this.attempts, this.onRinging, this.eventsOfCallee, this.onDiverted, allowance) };
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

/** Somebody else was quicker. */
function giveUp({ leg, free }: Answer): void {
  leg.release(COMPLETED_ELSEWHERE);
  free();
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
