import type { h225 } from '../schemas';
import { sameHost, toTransportAddress } from './addresses';
import { REPORT_SECONDS } from './admission';
import type { Registration, Registrations } from './registrations';
import type { GatekeeperOptions } from './types';

const MAX_ALIASES = 16;

/** What a Setup says of who sends it. */
export interface SetupSender {
  endpointIdentifier?: string;
  aliases: readonly h225.AliasAddress[];
  /** Where it comes from. */
  host: string;
}

/** One that has a password proves it with each request for admission, and nothing proves it in a Setup. */
const mayCallUnasked = ({ password }: Registration): boolean => password === undefined;

/**
 * What an endpoint may do without asking (H.225.0 section 7.9.2): answer calls, and make some where it need not prove who it is. All of it
 * through the gatekeeper, which sees only there that there is a call. Confirmations of keep-alives have it, too: endpoints take it for
 * withdrawn in one without it.
 */
export function preGrantedARQ(registration: Registration, { preGrantedSignalling, reportInterval, bandwidthOfCall }: GatekeeperOptions): Pick<h225.RegistrationConfirm, 'preGrantedARQ'> & Partial<Pick<h225.RegistrationConfirm, 'callSignalAddress'>> {
  if (!preGrantedSignalling) return {};
  const makeCall = mayCallUnasked(registration);
  const most = Math.min(bandwidthOfCall ?? Infinity, registration.site?.bandwidth ?? Infinity);
  return {
    callSignalAddress: [toTransportAddress(preGrantedSignalling)],
    preGrantedARQ: {
      makeCall, useGKCallSignalAddressToMakeCall: makeCall, answerCall: true, useGKCallSignalAddressToAnswer: true,
      irrFrequencyInCall: reportInterval ?? REPORT_SECONDS, ...(Number.isFinite(most) && { totalBandwidthRestriction: most }),
    },
  };
}

/**
 * Who sends a Setup that nobody asked admission for: the endpoint of the identifier that it gives, otherwise of an alias, when it comes
 * from where that one registered. Behind a router others come from there, too: there the identifier has to tell.
 */
export function unaskedCaller({ endpointIdentifier, aliases, host }: SetupSender, registrations: Pick<Registrations, 'get' | 'withAlias'>, now: number): Registration | undefined {
  const named = endpointIdentifier === undefined ? aliases.slice(0, MAX_ALIASES).map((alias) => registrations.withAlias(alias)).find((found) => found && !found.behindNat && !found.traversal) : registrations.get(endpointIdentifier);
  return named && named.expires > now && mayCallUnasked(named) && sameHost(named.source.host, host) ? named : undefined;
}
