import type { ReasonCode, Router, RouteResult, RouteSource, RoutingPlan } from '../../routing';
import { aliasText, toHostPort, type Gatekeeper, type GatekeeperOptions, type HostPort, type LocationQuery, type Registration } from '../ras';
import type { h225 } from '../schemas';
import type { H323Settings } from './settings';

const MAX_ALIASES = 16;

export interface CallRouteParts {
  router: Router;
  callModel: H323Settings['callModel'];
  /** Where the gateway takes call signalling. */
  signalling: HostPort;
  /** Whether an address is this gateway's. */
  isOwn(host: string): boolean;
  gatekeeper(): Gatekeeper;
  /** A call asked for what nobody has. */
  onUnknown(caller: Registration, dialled: string): void;
}

/** Refusals that the gateway tells the caller itself, in the call: why nobody answers now. */
const TOLD_IN_THE_CALL: readonly ReasonCode[] = ['closed', 'no-agent', 'moved'];

/** The admission's reason for a refusal (H.225.0 section 7.11.3). Reasons that only newer endpoints know are not used. */
const REASONS: Partial<Record<ReasonCode, h225.AdmissionRejectReason>> = {
  'not-an-address': { incompleteAddress: null },
  incomplete: { incompleteAddress: null },
  'caller-not-allowed': { invalidPermission: null },
  'refused-by-rule': { invalidPermission: null },
  'dial-plan-fault': { undefinedReason: null },
};

/** Where calls of H.323 go, by the same routing as those of SIP; neighbours are asked for what it does not know. */
export class CallRoutes {
  constructor(private readonly parts: CallRouteParts) {}

  /** Answers admission requests. */
  readonly route: NonNullable<GatekeeperOptions['route']> = async ({ caller, request }) => {
    const aliases = (request.destinationInfo ?? []).slice(0, MAX_ALIASES);
    const dialled = dialledOf(request, aliases);
    const result = await this.ask(dialled, { kind: 'registered', device: caller.name });
    if (result?.kind === 'plan') return this.toPlan(result, caller);
    if (result && TOLD_IN_THE_CALL.includes(result.reasonCode)) return this.throughGateway;
    if (result === undefined || result.reasonCode === 'unknown') {
      const located = await this.parts.gatekeeper().locations.find({ aliases, callIdentifier: request.callIdentifier, sourceInfo: [...caller.aliases] });
      if (located) return { address: located.address, model: 'direct' };
      this.parts.onUnknown(caller, dialled.join(', '));
      return { reject: elsewhere(aliases) };
    }
    return { reject: REASONS[result.reasonCode] ?? { calledPartyNotRegistered: null } };
  };

  /** Calls whose signalling passes the gateway are answered when they come from it; other callers are sent there. */
  readonly answer: NonNullable<GatekeeperOptions['answer']> = ({ request: { srcCallSignalAddress } }) => {
    const from = srcCallSignalAddress && toHostPort(srcCallSignalAddress);
    return this.parts.callModel === 'direct' || !from || this.parts.isOwn(from.host) ? undefined : { routeCallToGatekeeper: null };
  };

  /** Answers location requests of neighbours and registered endpoints; undefined: what is asked for is not here. */
  readonly locate: NonNullable<GatekeeperOptions['locate']> = async ({ request, from }: LocationQuery) => {
    const dialled = request.destinationInfo.slice(0, MAX_ALIASES).map(aliasText).filter((text) => text !== undefined);
    const source: RouteSource = 'endpointIdentifier' in from ? { kind: 'registered', device: from.name } : { kind: 'peer', name: from.name };
    const result = await this.ask(dialled, source);
    if (result?.kind === 'plan') return this.toPlan(result).address;
    return result && TOLD_IN_THE_CALL.includes(result.reasonCode) ? this.parts.signalling : undefined;
  };

  /** The first of the spellings that leads somewhere, otherwise the first refusal that tells more than that nobody has it. */
  private async ask(dialled: readonly string[], source: RouteSource): Promise<RouteResult | undefined> {
    let refused: RouteResult | undefined;
    for (const text of dialled) {
      const result = await this.parts.router.route({ dialled: text, source, protocol: 'h323' });
      if (result.kind === 'plan') return result;
      if (refused?.kind !== 'refused' || refused.reasonCode === 'unknown') refused = result;
    }
    return refused;
  }

  private get throughGateway(): { address: HostPort; model: 'gatekeeperRouted' } {
    return { address: this.parts.signalling, model: 'gatekeeperRouted' };
  }

  /** Straight to a registered device where that is wanted and both sides can be reached; otherwise through the gateway. */
  private toPlan({ device, service }: RoutingPlan, caller?: Registration): { address: HostPort; model: 'direct' | 'gatekeeperRouted' } {
    const [callee] = this.parts.callModel === 'direct' && service === undefined && device !== undefined ? this.parts.gatekeeper().registrations.named(device) : [];
    const [address] = callee?.signalling ?? [];
    const straight = address && !callee?.traversal && !callee?.behindNat && !caller?.traversal && !caller?.behindNat;
    return straight ? { address, model: 'direct' } : this.throughGateway;
  }
}

function dialledOf({ destCallSignalAddress }: h225.AdmissionRequest, aliases: readonly h225.AliasAddress[]): string[] {
  const texts = aliases.map(aliasText).filter((text) => text !== undefined);
  const address = destCallSignalAddress && toHostPort(destCallSignalAddress);
  return texts.length === 0 && address ? [address.host] : texts;
}

/** Nobody here has it. A number of the public network may be had there. */
function elsewhere(aliases: readonly h225.AliasAddress[]): h225.AdmissionRejectReason {
  const numbers = aliases.flatMap((alias) => ('partyNumber' in alias && 'e164Number' in alias.partyNumber ? [alias.partyNumber] : []));
  return numbers.length > 0 ? { routeCallToSCN: numbers } : { calledPartyNotRegistered: null };
}
