import { Q931Error } from './errors';

/** Octet 3 of numbers, Q.931 table 4-8: type of number. */
export const TYPE_OF_NUMBER = { unknown: 0, international: 1, national: 2, networkSpecific: 3, subscriber: 4, abbreviated: 6 } as const;
/** Octet 3 of numbers: numbering plan. H.225.0 has addresses that are not numbers as private (9). */
export const NUMBERING_PLAN = { unknown: 0, isdn: 1, data: 3, telex: 4, national: 8, private: 9 } as const;

/** Bearer capability (Q.931 section 4.5.5), as far as H.225.0 uses it. */
export interface BearerCapability {
  codingStandard: number;
  /** 0 speech, 8 unrestricted digital, 16 3.1 kHz audio, 24 video. */
  transferCapability: number;
  /** 0 circuit, 2 packet. */
  transferMode: number;
  /** 0x10 64 kbit/s, 0x11 2 x 64, 0x13 384, 0x15 1536, 0x17 1920 kbit/s, 0x18 multirate: `rateMultiplier` x 64 kbit/s. */
  transferRate: number;
  rateMultiplier?: number;
  /** 2 G.711 µ-law, 3 G.711 A-law, 5 H.221 and H.242. */
  layer1Protocol?: number;
  /** Octets after these. */
  rest?: Buffer;
}

/** Cause (Q.850 section 2.1). */
export interface Cause {
  codingStandard: number;
  /** 0 user, 1 private network local, 2 public network local, 3 transit, 4 public network remote, 5 private network remote. */
  location: number;
  recommendation?: number;
  /** Q.850 section 2.2.7: 16 normal call clearing, 17 user busy. */
  value: number;
  diagnostics?: Buffer;
}

/** Called party number (Q.931 section 4.5.8). */
export interface Number {
  type: number;
  plan: number;
  digits: string;
}

/** Calling party number (section 4.5.10) and connected number (Q.951). */
export interface PresentedNumber extends Number {
  /** 0 allowed, 1 restricted, 2 not available. Absent with `screening`. */
  presentation?: number;
  /** 0 user-provided not screened, 1 verified and passed, 2 verified and failed, 3 network provided. */
  screening?: number;
}

/** Redirecting number (Q.952). */
export interface RedirectingNumber extends PresentedNumber {
  /** 1 call forwarding busy, 2 no reply, 15 unconditional. */
  reason?: number;
}

/** Progress indicator (section 4.5.23). */
export interface Progress {
  codingStandard: number;
  location: number;
  /** 1 not end-to-end ISDN, 2 destination is not ISDN, 8 in-band information is available. */
  description: number;
}

/** User-user (H.225.0 section 7.2.2.31): `octets` is the H323-UserInformation in PER when `protocolDiscriminator` is 5. */
export interface UserUser {
  protocolDiscriminator: number;
  octets: Buffer;
}

/** Reads and writes the contents of one information element. `read` throws RangeError when they do not fit. */
interface ElementCodec<T> {
  read(octets: Buffer): T;
  write(value: T): Buffer;
}

const EXTENSION = 0x80;

/** A reader of contents in which octets with a clear extension bit are continued. */
class Contents {
  private at = 0;

  constructor(private readonly octets: Buffer) {}

  octet(): number {
    const octet = this.octets[this.at++];
    if (octet === undefined) throw new RangeError('contents too short');
    return octet;
  }

  get rest(): Buffer {
    return this.octets.subarray(this.at);
  }

  get ended(): boolean {
    return this.at >= this.octets.length;
  }
}

/** Throws unless the value is an integer that fits so many bits. */
export function fitting(value: number, bits: number, what: string): number {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) throw new Q931Error('q931-value', `${what} ${value} does not fit ${bits} bits`);
  return value;
}

const last = (octet: number): boolean => (octet & EXTENSION) !== 0;

export const bearerCapability: ElementCodec<BearerCapability> = {
  read(octets) {
    const contents = new Contents(octets);
    const third = contents.octet();
    const fourth = contents.octet();
    const value: BearerCapability = {
      codingStandard: (third >> 5) & 3, transferCapability: third & 0x1f, transferMode: (fourth >> 5) & 3, transferRate: fourth & 0x1f,
    };
    if (value.transferRate === 0x18) value.rateMultiplier = contents.octet() & 0x7f;
    if ((contents.rest[0] ?? 0) >> 5 === 0b101) value.layer1Protocol = contents.octet() & 0x1f;
    if (!contents.ended) value.rest = contents.rest;
    return value;
  },
  write(value) {
    return Buffer.concat([
      Buffer.from([
        EXTENSION | (fitting(value.codingStandard, 2, 'coding standard') << 5) | fitting(value.transferCapability, 5, 'information transfer capability'),
        EXTENSION | (fitting(value.transferMode, 2, 'transfer mode') << 5) | fitting(value.transferRate, 5, 'information transfer rate'),
        ...(value.transferRate === 0x18 ? [EXTENSION | fitting(value.rateMultiplier ?? 1, 7, 'rate multiplier')] : []),
        ...(value.layer1Protocol === undefined ? [] : [EXTENSION | 0x20 | fitting(value.layer1Protocol, 5, 'layer 1 protocol')]),
      ]),
      value.rest ?? Buffer.alloc(0),
    ]);
  },
};

export const cause: ElementCodec<Cause> = {
  read(octets) {
    const contents = new Contents(octets);
    const third = contents.octet();
    const value: Cause = { codingStandard: (third >> 5) & 3, location: third & 0x0f, value: 0 };
    if (!last(third)) value.recommendation = contents.octet() & 0x7f;
    value.value = contents.octet() & 0x7f;
    if (!contents.ended) value.diagnostics = contents.rest;
    return value;
  },
  write(value) {
    const third = (fitting(value.codingStandard, 2, 'coding standard') << 5) | fitting(value.location, 4, 'location');
    return Buffer.concat([
      Buffer.from([
        ...(value.recommendation === undefined ? [EXTENSION | third] : [third, EXTENSION | fitting(value.recommendation, 7, 'recommendation')]),
        EXTENSION | fitting(value.value, 7, 'cause'),
      ]),
      value.diagnostics ?? Buffer.alloc(0),
    ]);
  },
};

const DIGITS = /^[\x20-\x7e]*$/;

function digits(octets: Buffer): string {
  const text = octets.toString('latin1');
  if (!DIGITS.test(text)) throw new RangeError('digits that are not IA5');
  return text;
}

function digitsOf(value: Number): Buffer {
  if (!DIGITS.test(value.digits)) throw new Q931Error('q931-value', `digits "${value.digits.slice(0, 40)}" are not IA5`);
  return Buffer.from(value.digits, 'latin1');
}

const typeAndPlan = (value: Number): number => (fitting(value.type, 3, 'type of number') << 4) | fitting(value.plan, 4, 'numbering plan');

export const number: ElementCodec<Number> = {
  read(octets) {
    const contents = new Contents(octets);
    const third = contents.octet();
    return { type: (third >> 4) & 7, plan: third & 0x0f, digits: digits(contents.rest) };
  },
  write: (value) => Buffer.concat([Buffer.from([EXTENSION | typeAndPlan(value)]), digitsOf(value)]),
};

export const presentedNumber: ElementCodec<PresentedNumber> = {
  read: (octets) => readPresented(new Contents(octets), []),
  write: (value) => writePresented(value, []),
};

export const redirectingNumber: ElementCodec<RedirectingNumber> = {
  read(octets) {
    const more: number[] = [];
    const value: RedirectingNumber = readPresented(new Contents(octets), more);
    if (more[0] !== undefined) value.reason = more[0] & 0x0f;
    return value;
  },
  write: (value) => writePresented(value, value.reason === undefined ? [] : [fitting(value.reason, 4, 'reason for redirection')]),
};

function readPresented(contents: Contents, more: number[]): PresentedNumber {
  const third = contents.octet();
  const value: PresentedNumber = { type: (third >> 4) & 7, plan: third & 0x0f, digits: '' };
  if (!last(third)) {
    let octet = contents.octet();
    value.presentation = (octet >> 5) & 3;
    value.screening = octet & 3;
    while (!last(octet)) more.push((octet = contents.octet()));
  }
  value.digits = digits(contents.rest);
  return value;
}

function writePresented(value: PresentedNumber, more: number[]): Buffer {
  const presented = value.presentation !== undefined || value.screening !== undefined || more.length > 0;
  const header = [
    typeAndPlan(value),
    ...(presented ? [(fitting(value.presentation ?? 0, 2, 'presentation') << 5) | fitting(value.screening ?? 0, 2, 'screening')] : []),
    ...more,
  ];
  header[header.length - 1]! |= EXTENSION;
  return Buffer.concat([Buffer.from(header), digitsOf(value)]);
}

export const progress: ElementCodec<Progress> = {
  read(octets) {
    const contents = new Contents(octets);
    const third = contents.octet();
    return { codingStandard: (third >> 5) & 3, location: third & 0x0f, description: contents.octet() & 0x7f };
  },
  write: (value) => Buffer.from([
    EXTENSION | (fitting(value.codingStandard, 2, 'coding standard') << 5) | fitting(value.location, 4, 'location'),
    EXTENSION | fitting(value.description, 7, 'progress description'),
  ]),
};

/** One octet whose extension bit is set: notification indicator (section 4.5.22). */
export const sevenBits: ElementCodec<number> = {
  read: (octets) => new Contents(octets).octet() & 0x7f,
  write: (value) => Buffer.from([EXTENSION | fitting(value, 7, 'value')]),
};

/** One plain octet: signal (section 4.5.28), call state (section 4.5.7). */
export const oneOctet: ElementCodec<number> = {
  read: (octets) => new Contents(octets).octet(),
  write: (value) => Buffer.from([fitting(value, 8, 'value')]),
};

/** Text, octets as Latin-1 characters: display (section 4.5.16), keypad facility (section 4.5.18). */
export const text: ElementCodec<string> = {
  read: (octets) => octets.toString('latin1'),
  write(value) {
    if (!/^[\0-\xff]*$/.test(value)) throw new Q931Error('q931-value', `"${value.slice(0, 40)}" has characters beyond Latin-1`);
    return Buffer.from(value, 'latin1');
  },
};

export const octets: ElementCodec<Buffer> = { read: (contents) => contents, write: (value) => value };

export const userUser: ElementCodec<UserUser> = {
  read: (contents) => ({ protocolDiscriminator: new Contents(contents).octet(), octets: contents.subarray(1) }),
  write: (value) => Buffer.concat([Buffer.from([fitting(value.protocolDiscriminator, 8, 'protocol discriminator')]), value.octets]),
};
