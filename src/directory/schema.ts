import type { Generated } from 'kysely';

type Flag = 0 | 1;
/** JSON text of the model's field of the same name. */
type Json = string;

/**
 * Tables of `directory.sqlite`. A record's columns are its fields in snake case; lists and structures are JSON text.
 * `addresses` and `person_devices` repeat what records say, so that the database itself enforces one owner and the references;
 * `services.overflow` repeats `plan.overflow` for those who look for it.
 */
export interface DirectoryDatabase {
  organisations: {
    key: string; business_id: string | null; oid: string | null; type: string; names: Json; domain: string;
    parent: string | null; municipality: string | null; sample: Flag | null;
  };
  sites: {
    key: string; organisation: string; names: Json; municipality: string | null; address: string | null; media: string | null;
  };
  devices: {
    address: string; site: string; names: Json | null; kind: string; model: string | null; h323_id: string | null;
    e164: string | null; credentials: Json | null; enabled: Flag;
  };
  services: {
    address: string; organisation: string; languages: Json; names: Json; description: Json | null; kind: string | null;
    numeric_alias: string | null; aliases: Json | null; former_addresses: Json | null; former_numbers: Json | null; plan: Json; overflow: string | null; hours: Json | null;
    joins: Flag | null; hidden: Flag | null; pin: string | null; enabled: Flag;
  };
  persons: {
    key: string; organisation: string; site: string | null; name: string; email: string | null; title: Json | null;
    roles: Json; languages: Json; skills: Json; devices: Json; enabled: Flag;
  };
  person_devices: { person: string; device: string };
  /** `key` is `SERVICE GROUP MEMBER`; the column of the field `group` is `group_name`. */
  memberships: { key: string; service: string; device: string | null; person: string | null; group_name: string; position: number };
  /** Every folded address, alias, H.323 ID (`name`) and number (`number`) with its one owner. */
  addresses: { space: 'name' | 'number'; address: string; owner_kind: 'service' | 'device'; owner: string };
  /** What sources have brought: `identity` is their own name for it, `missing_since` (ms) set while they no longer have it. */
  imported_records: { source: string; kind: string; key: string; identity: string; added: Flag; missing_since: number | null };
  /** Up to where changes of a source were read, and of which server. */
  import_positions: { source: string; server: string | null; cursor: string | null };
  /**
   * What changed, in order. `kind` `all` (key empty): so much that reading everything again is cheaper; for a membership the
   * key is that of its service. Old rows are pruned: a reader that lags behind the oldest one reads everything. `stamp` is one
   * random text for all changes of a transaction: where revision and stamp are equal, so is all that came before.
   */
  changes: { revision: Generated<number>; kind: string; key: string; stamp: string | null };
}
