import type { H323Status, NeighbourInfo } from './front';
import type { RefusalCount } from './refusals';

export interface Finding {
  level: 'ok' | 'warning' | 'error';
  what: string;
  /** What to do about it. */
  hint?: string;
}

/** What a refusal says of the sender, and what mends it. */
const REFUSALS: Record<RefusalCount['why'], (refusal: RefusalCount, status: H323Status) => { said: string; hint: string }> = {
  'gatekeeper-identifier': ({ detail }, { gatekeeperIdentifier }) => ({
    said: `asked for the gatekeeper "${detail ?? ''}", this one is "${gatekeeperIdentifier}"`, hint: `Set the gatekeeper identifier of the endpoint to "${gatekeeperIdentifier}" or leave it empty, or change h323.gatekeeperIdentifier.`,
  }),
  alias: ({ detail }) => ({ said: `claimed names that are not the device's or nobody's ("${detail ?? ''}")`, hint: 'Give the device that name: "etasilta device set ADDRESS h323_id=NAME e164=DIGITS".' }),
  locked: ({ detail }) => ({ said: `came from ${detail ?? 'a device'}, which has no H.323 password`, hint: `Set one with "etasilta h323 password ${detail ?? 'ADDRESS'} --password", or name its network in h323.unauthenticated.` }),
  missing: ({ detail }) => ({ said: `came without the password of ${detail ?? 'the device'}`, hint: 'Switch on H.323 authentication at the endpoint, and set its password there.' }),
  wrong: ({ detail }) => ({ said: `came with a wrong password for ${detail ?? 'the device'}`, hint: 'Set the same password at the endpoint and here ("etasilta h323 password").' }),
  clock: ({ detail }) => ({ said: `came from ${detail ?? 'a device'} whose clock is wrong by more than five minutes`, hint: 'Set the endpoint\'s clock, best by NTP.' }),
  replayed: ({ detail }) => ({ said: `repeated an earlier proof of ${detail ?? 'a device'}`, hint: 'Somebody may record and repeat its messages; look where they come from.' }),
  address: ({ detail }) => ({ said: `spoke for ${detail ?? 'an endpoint'}, which is registered from another address`, hint: 'Give the device a password if it has moved; otherwise look who sends from there.' }),
  neighbour: ({ detail }) => ({ said: `asked as a neighbour does, for "${detail ?? ''}", and is none`, hint: 'Add the gatekeeper to h323.neighbours if it is one.' }),
  destination: ({ detail }) => ({ said: `called "${detail ?? ''}", which nobody has`, hint: 'See `etasilta route ADDRESS --protocol h323 --explain`.' }),
};

/** What doctor tells of H.323. */
export function findingsOf(status: H323Status, neighbours: readonly NeighbourInfo[], refusals: readonly RefusalCount[]): Finding[] {
  return [
    { level: 'ok', what: `gatekeeper "${status.gatekeeperIdentifier}" at ${status.ras}: ${status.registrations} endpoints, ${status.calls} admitted calls` },
    ...neighbours.filter(({ state }) => state === 'unreachable').map(({ name, address, lastAnswer }): Finding => ({
      level: 'warning', what: `the neighbour ${name} at ${address} does not answer; its last answer: ${lastAnswer ?? 'none'}`,
      hint: 'Check that UDP passes both ways, and that it knows this gatekeeper as its neighbour.',
    })),
    ...refusals.map((refusal): Finding => {
      const { said, hint } = REFUSALS[refusal.why](refusal, status);
      return { level: 'warning', what: `${refusal.count} H.323 requests refused within the last hour: the last one, from ${refusal.source}, ${said}`, hint };
    }),
  ];
}
