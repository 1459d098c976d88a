/**
 * The directory's model: what exists, who answers for it and how it is reached. Three kinds of address are kept apart: a
 * device address (where one endpoint is), a service address (the name that people dial, outliving devices and staff) and a
 * person. These records are also the shape of the YAML and CSV files.
 */

export type Language = string; // ISO 639: fi, sv, en, se, smn, sms, ...

/** Text by language; the reader's language first, then fi, sv, en. */
export type LocalizedText = Partial<Record<Language, string>>;

export const ORGANISATION_TYPES = ['state', 'municipality', 'region', 'wellbeing', 'company', 'association', 'other'] as const;
export type OrganisationType = (typeof ORGANISATION_TYPES)[number];

export interface Organisation {
  /** Short stable key used by references, [a-z0-9-]. */
  key: string;
  /** Y-tunnus with its check digit, NNNNNNN-N. */
  businessId?: string;
  /** Only when it is not the one derived from the Y-tunnus, 1.2.246.10.<Y-tunnus without leading zeros and dash>; `oidOf` gives either. */
  oid?: string;
  type: OrganisationType;
  names: LocalizedText;
  /** Domain of the organisation's addresses, lower case. */
  domain: string;
  /** Key of the parent organisation. */
  parent?: string;
  /** Three-digit municipality code. */
  municipality?: string;
  /** True where the identifiers are valid in form but not the real organisation's. */
  sample?: boolean;
}

export interface Site {
  /** Unique short key, [a-z0-9-], e.g. `alavus-fasadi`. */
  key: string;
  organisation: string;
  names: LocalizedText;
  municipality?: string;
  address?: string;
  /** How media flows for calls of this site; a service's own choice wins. */
  media?: MediaMode;
}

export type MediaMode = 'anchored' | 'direct';

export const DEVICE_KINDS = ['room', 'desk', 'software', 'browser', 'phone', 'mcu', 'gateway', 'simulated'] as const;
export type DeviceKind = (typeof DEVICE_KINDS)[number];

/** Digest secrets as HA1 only, hex: H(username ":" realm ":" password), RFC 7616 section 3.4.2. */
export interface Credentials {
  username: string;
  realm: string;
  ha1Md5?: string;
  ha1Sha256?: string;
}

export interface Device {
  /** Device address and SIP AOR without scheme: `ex90-1@ahtari.etela-pohjanmaa.example`, lower case. Primary key. */
  address: string;
  site: string;
  names?: LocalizedText;
  kind: DeviceKind;
  model?: string;
  /** H.323 ID when it differs from the address. */
  h323Id?: string;
  /** Digits dialled for this device, at most 30 of [0-9*#]. */
  e164?: string;
  credentials?: Credentials;
  /** False: neither registers nor is called. */
  enabled: boolean;
}

export const STRATEGIES = ['all', 'order', 'longest-idle', 'round-robin', 'least-calls'] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** One stage of a service's plan: the members of one group, rung together or one after another. */
export interface PlanStage {
  /** Which members of the service this stage rings (`Membership.group`). */
  group: string;
  strategy: Strategy;
  /** How long the whole stage may ring, seconds, 1 to 600. */
  ringSeconds: number;
  /** For one-at-a-time strategies: how long each target rings, seconds; default: min(ringSeconds, 20). */
  targetSeconds?: number;
}

export interface ServicePlan {
  stages: PlanStage[];
  media?: MediaMode;
  /** Service address tried when no stage answered. */
  overflow?: string;
}

/** Opening hours in local wall-clock time, `HH:mm`; `close` may be 24:00. */
export interface OpeningHours {
  /** IANA zone; default Europe/Helsinki. */
  timezone?: string;
  /** `days` as ISO weekdays, 1 = Monday .. 7 = Sunday. */
  weekly: { days: number[]; open: string; close: string }[];
  /** A date's own hours replace the weekly ones; no hours: closed all day. Dates are `YYYY-MM-DD`. */
  exceptions?: { date: string; hours?: { open: string; close: string }[]; reason?: LocalizedText }[];
}

/** The kind of service that is a meeting room: callers meet in it, nobody is rung. */
export const ROOM = 'room';

/** An address that its service has given up. */
export interface FormerAddress {
  address: string;
  /** The last day, `YYYY-MM-DD`, on which it leads to the service; from then on callers are told the new address. */
  until: string;
}

/** A number that its service has given up; as a former address. */
export interface FormerNumber {
  number: string;
  until: string;
}

export interface Service {
  /** Service address `service[.language][.qualifier]@domain`, lower case, folded. Primary key. */
  address: string;
  organisation: string;
  languages: Language[];
  names: LocalizedText;
  description?: LocalizedText;
  /** Kind of service, for folders and reports: `advice`, `interpreting`, `room`, ... */
  kind?: string;
  /** Digits `municipality(3) service(4) [language(1)]`. */
  numericAlias?: string;
  /** Other addresses that lead here. */
  aliases?: string[];
  /** Addresses that the service had: they lead here until their date, and no phone book shows them. */
  formerAddresses?: FormerAddress[];
  /** Numbers that the service had; the same holds for them. */
  formerNumbers?: FormerNumber[];
  plan: ServicePlan;
  /** Absent: always open. */
  hours?: OpeningHours;
  /** Dialled during a call, joins it as a third party. */
  joins?: boolean;
  /** Not shown in phone books. */
  hidden?: boolean;
  /** Of a meeting room: what is asked for with keys before entering, as its scrypt key. */
  pin?: string;
  enabled: boolean;
}

export interface Person {
  /** Unique key, [a-z0-9-.]; by role, e.g. `kela-seinajoki-etuuskasittelija-1`. */
  key: string;
  organisation: string;
  site?: string;
  /** Shown name; a role title where no name is to be shown. */
  name: string;
  email?: string;
  title?: LocalizedText;
  roles: string[];
  languages: Language[];
  skills: string[];
  /** Addresses of the devices where this person can be reached. */
  devices: string[];
  enabled: boolean;
}

/** A device or a person answers for a service. Exactly one of `device` and `person` is set. */
export interface Membership {
  service: string;
  device?: string;
  person?: string;
  /** Group named by a stage of the service's plan; default `main`. */
  group: string;
  /** Lower first, for strategy `order`; default 0. */
  position: number;
}

/** The whole directory, as imported and exported. */
export interface DirectoryDocument {
  organisations: Organisation[];
  sites: Site[];
  devices: Device[];
  services: Service[];
  persons: Person[];
  memberships: Membership[];
}
