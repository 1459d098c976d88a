import type { BitString } from '../per';
import type { h235 } from '../schemas';
import { GROUPS, VERSION_3, type Group, type MediaAlgorithm } from './algorithms';
import { DiffieHellmanHalf } from './diffie-hellman';
import { H235Error } from './errors';

/** Tokens of one message that are looked at. */
const MAX_TOKENS = 64;

/** What two endpoints have agreed on in Setup and Connect. */
export interface AgreedSecret {
  group: Group;
  /** What media is encrypted with. */
  algorithm: MediaAlgorithm;
  /** The Diffie-Hellman secret, as long as the prime. */
  secret: Buffer;
}

/** Whether these tokens offer or answer media encryption at all. */
export function offersEncryption(tokens: readonly h235.ClearToken[] | undefined): boolean {
  return (tokens ?? []).slice(0, MAX_TOKENS).some(({ tokenOID }) => tokenOID === VERSION_3) && groupsOf(tokens).length > 0;
}

/** The caller's side of the agreement (H.235.6, dhkey tokens of Setup): a half key for each group, the answer chooses. */
export class KeyOffer {
  private readonly halves: Map<Group, DiffieHellmanHalf>;

  /** Strongest first, or in whatever order they are to be offered. */
  constructor(groups: readonly Group[] = [2048, 1024]) {
    if (groups.length === 0) throw new H235Error('h235-value', 'Media encryption needs a Diffie-Hellman group');
    this.halves = new Map(groups.map((group) => [group, new DiffieHellmanHalf(group)]));
  }

  /** For `tokens` of Setup. */
  get tokens(): h235.ClearToken[] {
    return [...[...this.halves].map(([group, half]) => tokenOf(group, half)), { tokenOID: VERSION_3 }];
  }

  /** From `tokens` of Connect: undefined where the peer does not encrypt; H235Error `h235-peer` for a half key or prime that cannot be. */
  accept(tokens: readonly h235.ClearToken[] | undefined): AgreedSecret | undefined {
    if (!offersEncryption(tokens)) return undefined;
    const chosen = groupsOf(tokens).find((group) => this.halves.has(group));
    return chosen && secretOf(chosen, this.halves.get(chosen)!, tokens!);
  }
}

/**
 * The callee's side: the tokens for Connect and the secret, by the strongest group that both know. Undefined where the caller does
 * not encrypt or nothing is common; H235Error `h235-peer` for a half key or prime that cannot be.
 */
export function answerKeyOffer(tokens: readonly h235.ClearToken[] | undefined, groups: readonly Group[] = [2048, 1536, 1024]): { tokens: h235.ClearToken[]; agreed: AgreedSecret } | undefined {
  if (!offersEncryption(tokens)) return undefined;
  const chosen = groupsOf(tokens).find((group) => groups.includes(group));
  if (!chosen) return undefined;
  const half = new DiffieHellmanHalf(chosen);
  return { tokens: [tokenOf(chosen, half), { tokenOID: VERSION_3 }], agreed: secretOf(chosen, half, tokens!) };
}

/** Groups that the tokens have half keys for, the strongest first. */
function groupsOf(tokens: readonly h235.ClearToken[] | undefined): Group[] {
  const all = (tokens ?? []).slice(0, MAX_TOKENS);
  return ([2048, 1536, 1024] as const).filter((group) => all.some((token) => isOf(group, token)));
}

function isOf(group: Group, { tokenOID, dhkey }: h235.ClearToken): boolean {
  return tokenOID === GROUPS[group].identifier && dhkey !== undefined && dhkey.halfkey.length > 0;
}

/**
 * As H323plus sends them: the half key as long as the prime; prime and generator, as long, only for 1024 bits, where some
 * endpoints look for them.
 */
function tokenOf(group: Group, { halfKey, prime, generator }: DiffieHellmanHalf): h235.ClearToken {
  const said = group === 1024;
  return {
    tokenOID: GROUPS[group].identifier,
    dhkey: { halfkey: bits(halfKey), modSize: bits(said ? prime : Buffer.alloc(0)), generator: bits(said ? generator : Buffer.alloc(0)) },
  };
}

function secretOf(group: Group, half: DiffieHellmanHalf, tokens: readonly h235.ClearToken[]): AgreedSecret {
  const { halfkey, modSize } = tokens.find((token) => isOf(group, token))!.dhkey!;
  // Whether a group of the peer's own making is a safe one cannot be told in a call's time.
  if (modSize.length > 0 && !half.prime.equals(modSize.value)) throw new H235Error('h235-peer', `The peer's prime for ${group} bits is not the standard one`);
  try {
    return { group, algorithm: GROUPS[group].algorithm, secret: half.secret(Buffer.from(halfkey.value)) };
  } catch (cause) {
    throw new H235Error('h235-peer', `The peer's half key for ${group} bits is none`, { cause });
  }
}

const bits = (value: Buffer): BitString => ({ value, length: value.length * 8 });
