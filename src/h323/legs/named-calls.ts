import { randomInt } from 'node:crypto';

/** Four digits (H.450.2 CallIdentity), few of which are taken. */
const IDENTITIES = 10_000;
const MAX_NAMED = 5_000;

/** Calls that endpoints have asked a name for (callTransferIdentify), to join their two ends by it; until a call is over. */
export class NamedCalls {
  private readonly legs = new Map<string, string>();
  private readonly names = new Map<string, string>();

  /** The name of a leg's call, the same each time; undefined when too many have one. */
  name(leg: string): string | undefined {
    const known = this.names.get(leg);
    if (known !== undefined || this.names.size >= MAX_NAMED) return known;
    let name: string;
    do name = String(randomInt(IDENTITIES)).padStart(4, '0'); while (this.legs.has(name));
    this.legs.set(name, leg);
    this.names.set(leg, name);
    return name;
  }

  /** The leg whose call it is. */
  find(name: string): string | undefined {
    return this.legs.get(name);
  }

  forget(leg: string): void {
    const name = this.names.get(leg);
    if (name === undefined) return;
    this.names.delete(leg);
    this.legs.delete(name);
  }
}
