import type { DialPlan, DialSource } from '../addressing';
import { inLanguage, localDate, openAt, timeText } from '../desk';
import { ROOM, type Device, type MediaMode, type Service } from '../directory/model';
import type { Directory, DirectoryView } from '../directory/view';
import { Memo } from './memo';
import { closed, moved, quoted, refuse } from './refusals';
import { resolve, type PeerHit, type Resolution } from './resolve';
import { deviceStage, stagesOf, type StageContext } from './stages';
import type {
  Availability, PlanStage, Refusal, RefusedRoute, Router, RouteRequest, RouteResult, RoutingPlan, RouteSource, Step, TargetState,
} from './types';

export interface RouterOptions {
  directory: Directory;
  dialPlan: DialPlan;
  /** Milliseconds since the epoch. */
  clock: () => number;
  targetState: TargetState;
  availability?: Availability;
  /** Where neither service nor site chooses; default `anchored`. */
  defaultMedia?: MediaMode;
  /** How long a dialled device or peer rings, seconds; default 60. */
  deviceRingSeconds?: number;
}

/** Services that a call may pass through, the dialled one included. */
const MAX_OVERFLOW = 8;
const MAX_LEFT_OUT = 3;
const KEPT_RESOLUTIONS = 5_000;

/** The router of this system. Its directory may change at any time; a new dial plan needs a new router. */
export function createRouter(options: RouterOptions): Router {
  const memo = new Memo<Resolution>(KEPT_RESOLUTIONS);
  return {
    async route(request) {
      return new Routing(await options.directory.view(), options, memo, request).run();
    },
  };
}

/** One call on its way through the rules, hours, groups and overflow. */
class Routing {
  private readonly steps: Step[] = [];
  private readonly at: Date;
  private readonly caller: Device | undefined;
  private readonly visited = new Set<string>();
  /** The first reason why nobody rings. */
  private verdict: Refusal | undefined;
  private fault: Refusal | undefined;

  constructor(
    private readonly view: DirectoryView,
    private readonly options: RouterOptions,
    private readonly memo: Memo<Resolution>,
    private readonly request: RouteRequest,
  ) {
    this.at = request.at ?? new Date(options.clock());
    this.caller = request.source.kind === 'registered' ? view.device(request.source.device) : undefined;
  }

  run(): RouteResult {
    const { request, steps } = this;
    const notAllowed = this.checkCaller();
    if (notAllowed !== undefined) return this.refused(notAllowed);
    const resolution = this.resolve(request.dialled, dialSource(request.source, this.caller));
    steps.push(...resolution.steps);
    if (resolution.kind === 'refused') return this.refused(resolution.refusal);
    const room = this.room(resolution);
    const stages = room ? [] : this.follow(resolution);
    if (room) return { ...this.plan(resolution, stages), media: 'anchored', room };
    if (stages.length === 0) return this.refused(this.whyNobody(resolution.canonical), resolution);
    return this.plan(resolution, stages);
  }

  private checkCaller(): Refusal | undefined {
    const { source, hops } = this.request;
    const who = source.kind === 'registered' ? source.device : source.kind === 'peer' ? `peer ${source.name}` : 'this system';
    const when = timeText(this.at, 'en');
    if (hops !== undefined && hops <= 0) return refuse('hop-limit', 'the call has passed through too many systems: no hops are left');
    if (source.kind !== 'registered' || this.caller?.enabled) {
      this.steps.push({ step: 'caller', input: who, result: source.kind, note: when });
      return undefined;
    }
    const why = this.caller === undefined ? 'is not in the directory' : 'is disabled in the directory';
    this.steps.push({ step: 'caller', input: who, result: 'not allowed', note: why });
    return refuse('caller-not-allowed', `the calling device ${who} ${why} and may not call`);
  }

  private resolve(dialled: string, source: DialSource): Resolution {
    const { memo, view, options: { dialPlan }, request: { protocol } } = this;
    const key = [dialled, protocol, source.kind, source.peer, source.deviceKind, source.site, source.domain].join('\n');
    return this.untilMoved(memo.get(view.revision, key, () => resolve(view, dialPlan, { dialled, source, ...(protocol && { protocol }) })));
  }

  /** A former address leads to its service until its last day, and then to the word that it has moved. */
  private untilMoved(resolution: Resolution): Resolution {
    if (resolution.kind !== 'found' || resolution.entry.kind !== 'service') return resolution;
    const { service, alias, until } = resolution.entry;
    if (alias === undefined || until === undefined || localDate(this.at) <= until) return resolution;
    const step: Step = { step: 'directory', input: alias, output: service.address, result: 'moved', note: `its last day was ${until}` };
    return { kind: 'refused', refusal: moved(alias, service), steps: [...resolution.steps, step] };
  }

  /** Who rings for what was found, overflow included. */
  private follow(resolution: Exclude<Resolution, { kind: 'refused' }>): PlanStage[] {
    const stages = resolution.peers.map((hit) => this.peerStage(hit));
    if (resolution.kind === 'peers') return stages;
    const { entry } = resolution;
    if (entry.kind === 'service') return [...stages, ...this.service(entry.service)];
    return [...stages, ...this.device(entry.device)];
  }

  private device(device: Device): PlanStage[] {
    if (!device.enabled) {
      this.steps.push({ step: 'target', rule: 'device', input: device.address, result: 'left out', note: 'is disabled' });
      this.verdict ??= refuse('disabled', `the device ${device.address} is out of use`);
      return [];
    }
    if (device.address === this.caller?.address) {
      this.steps.push({ step: 'target', rule: 'device', input: device.address, result: 'left out', note: "is the caller's own" });
      this.verdict ??= refuse('loop', `${device.address} dialled itself`);
      return [];
    }
    return [deviceStage(device, this.ringSeconds, this.context())];
  }

  private service(service: Service): PlanStage[] {
    this.visited.add(service.address);
    if (!service.enabled) {
      this.steps.push({ step: 'directory', input: service.address, result: 'disabled' });
      this.verdict ??= refuse('disabled', `the service ${service.address} has been closed down`);
      return [];
    }
    const before = this.steps.length;
    const stages = this.isOpen(service) ? stagesOf(service, this.context()) : [];
    if (stages.length === 0) this.verdict ??= noAgent(service, this.steps.slice(before));
    return service.plan.overflow === undefined ? stages : [...stages, ...this.overflow(service.address, service.plan.overflow)];
  }

  private isOpen(service: Service): boolean {
    const decision = openAt(service.hours, this.at);
    const { open, reason, until, opensAt, note, timezone } = decision;
    const change = until ?? opensAt;
    const when = change && `${open ? 'until' : 'opens'} ${timeText(change, 'en', timezone)}`;
    const why = note && inLanguage(note, 'en');
    const notes = [reason, why, when].filter((part) => part !== undefined).join(', ');
    this.steps.push({ step: 'hours', input: service.address, result: open ? 'open' : 'closed', note: notes });
    if (!open) this.verdict ??= closed(service, decision);
    return open;
  }

  private overflow(from: string, to: string): PlanStage[] {
    const resolution = this.resolve(to, { kind: 'local' });
    const next = resolution.kind === 'found' && resolution.entry.kind === 'service' ? resolution.entry.service.address : undefined;
    this.steps.push(...resolution.steps);
    const step = { step: 'overflow', input: from, output: next ?? to } as const;
    if (next !== undefined && this.visited.has(next)) {
      this.steps.push({ ...step, result: 'loop', note: 'was asked already' });
      this.fault ??= refuse('loop', `the overflow of ${from} leads back to ${next}: nobody else is left to answer`);
      return [];
    }
    if (this.visited.size >= MAX_OVERFLOW) {
      this.steps.push({ ...step, result: 'too deep', note: `at most ${MAX_OVERFLOW} services` });
      this.fault ??= refuse('hop-limit', `the overflow from ${from} passes through more than ${MAX_OVERFLOW} services`);
      return [];
    }
    if (resolution.kind === 'refused') {
      this.steps.push({ ...step, result: 'not found', note: resolution.refusal.reasonCode });
      return [];
    }
    this.steps.push({ ...step, result: 'followed' });
    return this.follow(resolution);
  }

  private peerStage({ peer, uri }: PeerHit): PlanStage {
    this.steps.push({ step: 'stage', rule: peer, input: uri, output: 'all', result: 'rings', note: `${this.ringSeconds} s` });
    return { strategy: 'all', ringSeconds: this.ringSeconds, targetSeconds: this.ringSeconds, targets: [{ peer, uri, name: uri }] };
  }

  private get ringSeconds(): number {
    return this.options.deviceRingSeconds ?? 60;
  }

  private context(): StageContext {
    const { view, steps, caller, options: { targetState: state, availability } } = this;
    return { view, steps, state, ...(caller && { caller: caller.address }), ...(availability && { availability }) };
  }

  /** Closed tells the caller more than a fault behind it, a fault more than an empty service. */
  private whyNobody(canonical: string): Refusal {
    const { verdict, fault } = this;
    if (fault !== undefined && verdict?.reasonCode === 'no-agent') return fault;
    return verdict ?? refuse('no-agent', `nobody is there to answer ${quoted(canonical)}`);
  }

  /** A meeting room that is in use and open. */
  private room(resolution: Exclude<Resolution, { kind: 'refused' }>): RoutingPlan['room'] {
    const service = resolution.kind === 'found' && resolution.entry.kind === 'service' ? resolution.entry.service : undefined;
    if (service?.kind !== ROOM || !service.enabled || !this.isOpen(service)) return undefined;
    this.steps.push({ step: 'stage', rule: ROOM, input: service.address, result: 'enters', note: service.pin === undefined ? 'no PIN' : 'with a PIN' });
    return service.pin === undefined ? {} : { pin: service.pin };
  }

  private plan(resolution: Exclude<Resolution, { kind: 'refused' }>, stages: PlanStage[]): RoutingPlan {
    const { canonical } = resolution;
    const entry = resolution.kind === 'found' ? resolution.entry : undefined;
    const service = entry?.kind === 'service' ? entry.service : undefined;
    const device = entry?.kind === 'device' ? entry.device : undefined;
    const language = resolution.kind === 'found' ? resolution.language : undefined;
    const names = service?.names ?? device?.names;
    const name = names && inLanguage(names, language ?? 'fi');
    return {
      kind: 'plan', canonical, joins: service?.joins ?? false, media: this.media(service, stages),
      ...(name && { name }), ...(service && { service: service.address, ...(service.kind && { serviceKind: service.kind }) }), ...(device && { device: device.address }),
      ...(language && { language }), stages, steps: this.steps,
    };
  }

  private media(service: Service | undefined, stages: PlanStage[]): MediaMode {
    const target = stages[0]?.targets[0];
    const answering = target?.peer === undefined ? this.view.device(target?.devices[0] ?? '') : undefined;
    const choices: [string, MediaMode | undefined][] = [
      ["the service's choice", service?.plan.media],
      ["the caller's site", this.caller && this.view.site(this.caller.site)?.media],
      ["the first target's site", answering && this.view.site(answering.site)?.media],
      ['the default', this.options.defaultMedia ?? 'anchored'],
    ];
    const [why, media] = choices.find(([, choice]) => choice !== undefined) ?? ['', 'anchored' as const];
    this.steps.push({ step: 'media', input: service?.address ?? '', result: media ?? 'anchored', note: why });
    return media ?? 'anchored';
  }

  private refused(refusal: Refusal, found?: Exclude<Resolution, { kind: 'refused' }>): RefusedRoute {
    const service = found?.kind === 'found' && found.entry.kind === 'service' ? found.entry.service : undefined;
    const language = found?.kind === 'found' ? found.language : undefined;
    const media = service && this.media(service, []);
    this.steps.push({ step: 'refusal', input: this.request.dialled, result: `${refusal.status} ${refusal.reasonCode}` });
    return { kind: 'refused', ...refusal, ...(service && { service: service.address, media }), ...(language && { language }), steps: this.steps };
  }
}

/** Says who was left out and why, so that a helpdesk need not look. */
function noAgent({ address }: Service, steps: Step[]): Refusal {
  const left = steps.filter(({ result }) => result === 'left out');
  const why = left.slice(0, MAX_LEFT_OUT).map(({ input, note }) => `${input} ${note}`).join(', ');
  const more = left.length > MAX_LEFT_OUT ? ` and ${left.length - MAX_LEFT_OUT} more` : '';
  return refuse('no-agent', `no agent: nobody can answer for ${address} now (${why === '' ? 'it has no members in the groups of its plan' : why + more})`);
}

function dialSource(source: RouteSource, device: Device | undefined): DialSource {
  if (source.kind === 'peer') return { kind: 'peer', peer: source.name };
  if (device === undefined) return { kind: source.kind };
  return { kind: 'registered', deviceKind: device.kind, site: device.site, domain: device.address.slice(device.address.indexOf('@') + 1) };
}
