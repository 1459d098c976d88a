import { parseUri } from '../message';
import { Refusal } from '../core/refusal';

/** More destinations than a call can be offered to one after the other. */
const MAXIMUM_DESTINATIONS = 32;

/** What an application wants a request's proxying to be like. */
export interface ProxyCommand {
  transactionId: string;
  recordRoute: boolean;
  /** Every final response is told to the application. */
  fullResponse: boolean;
  followRedirects: boolean;
  simultaneous: boolean;
  /** Milliseconds; how long a destination may stay silent, and how long it may take to answer. */
  provisionalTimeout: number | undefined;
  finalTimeout: number | undefined;
  destinations: string[];
}

/** `2s` or `1500ms`; '' is undefined. */
function duration(text: string): number | undefined {
  const match = /^(\d{1,9})(ms|s)?$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * (match[2] === 's' ? 1000 : 1);
}

/** Reads the tokens after `proxy`. Throws Refusal. */
export function readProxyCommand(tokens: string[]): ProxyCommand {
  const [transactionId = '', recordRoute, fullResponse, followRedirects, forking, provisional = '', final = '', ...rest] = tokens;
  const destinations = rest.filter((destination) => destination !== '');
  if (destinations.length === 0) throw new Refusal('Invalid proxy request: not enough information provided');
  if (destinations.length > MAXIMUM_DESTINATIONS) throw new Refusal(`Invalid proxy request: more than ${MAXIMUM_DESTINATIONS} destinations`);
  for (const destination of destinations) {
    if (parseUri(destination) === undefined) throw new Refusal(`invalid request-uri: ${destination}`);
  }
  return {
    transactionId, destinations,
    recordRoute: recordRoute === 'remainInDialog',
    fullResponse: fullResponse === 'fullResponse',
    followRedirects: followRedirects === 'followRedirects',
    simultaneous: forking === 'simultaneous',
    provisionalTimeout: duration(provisional),
    finalTimeout: duration(final),
  };
}
