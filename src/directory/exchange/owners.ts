import { type Kysely, sql } from 'kysely';
import type { AnyKind, AnyRecord, Claim } from '../kind';
import { kindOf } from '../kinds';
import type { DirectoryDatabase } from '../schema';
import type { DirectoryWriter, Owner } from '../writer';
import type { InputFault } from './source';

/** A claim, and where in the input it is made. */
interface PlacedClaim extends Claim {
  file: string;
  line: number;
}

interface Claimant extends Owner {
  claims: readonly PlacedClaim[];
}

/**
 * Claims of addresses, aliases and numbers of an import. They are settled when all records are known, so that an alias may go
 * from one service to another in the same import, whichever comes first in it.
 */
export class Claims {
  private readonly claimants: Claimant[] = [];

  /** @param report where to tell that something has another owner */
  constructor(private readonly report: (fault: InputFault) => void) {}

  /** Keeps what a record claims and where, and nothing else of the record and of its source: they would all be in memory at the end. */
  add(kind: AnyKind, record: AnyRecord, placeOf: (field: string) => { file: string; line: number }): void {
    if (kind.claims) this.claimants.push({ kind, key: kind.keyOf(record), claims: kind.claims(record).map((claim) => ({ ...claim, ...placeOf(claim.field) })) });
  }

  /** Reports addresses of two owners; writes the claims when there are none. Removed records must be released before. */
  async settle(db: Kysely<DirectoryDatabase>, writer: DirectoryWriter): Promise<void> {
    const touched = new Set(this.claimants.map(nameOf));
    const owners = new Map<string, string>();
    const held = new Map<string, string[]>();
    const { all } = await db.selectFrom('addresses').select(sql<string>`json_group_array(json_array(space, address, owner_kind, owner))`.as('all')).executeTakeFirstOrThrow();
    for (const [space, address, kind, owner] of JSON.parse(all) as [string, string, string, string][]) {
      const [name, holder] = [`${space} ${address}`, `${kind} ${owner}`];
      const names = held.get(holder);
      if (!touched.has(holder)) owners.set(name, holder);
      else if (names) names.push(name);
      else held.set(holder, [name]);
    }
    const moved: Claimant[] = [];
    let good = true;
    for (const claimant of this.claimants) {
      const { claims } = claimant;
      const self = nameOf(claimant);
      for (const { space, address, field, file, line } of claims) {
        const owner = owners.get(`${space} ${address}`) ?? self;
        owners.set(`${space} ${address}`, owner);
        if (owner === self) continue;
        good = false;
        this.report({ file, line, record: self, field, reason: `${address} belongs to ${owner}` });
      }
      const has = held.get(self) ?? [];
      if (has.length !== claims.length || claims.some(({ space, address }) => !has.includes(`${space} ${address}`))) moved.push(claimant);
    }
    if (good) await write(moved, writer);
  }
}

const nameOf = ({ kind, key }: Owner): string => `${kind.name} ${key}`;

/** What moves is free before anybody takes it. */
async function write(moved: readonly Claimant[], writer: DirectoryWriter): Promise<void> {
  for (const kind of [kindOf('device'), kindOf('service')]) await writer.release(kind, moved.flatMap((one) => (one.kind === kind ? [one.key] : [])));
  await writer.give(moved);
}
