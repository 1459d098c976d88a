import { PRIMITIVES, REQUEST_STATUSES, type BfcpMessage, type Body, type FloorRequestInformation, type Primitive, type RequestStatusName, type UserInformation } from '../../../src/bfcp';
import type { Random } from '../../h323/support/random';

const TEXTS = ['x', 'ab', 'abc', 'four', 'slides', 'Ääkköset ja 中', ''];
const STATUSES = Object.keys(REQUEST_STATUSES) as RequestStatusName[];

/** Any message that the grammar allows, its groups within their 255 octets. */
export function randomMessage(random: Random, texts: readonly string[] = TEXTS): BfcpMessage {
  return {
    version: random.chance(0.5) ? 1 : 2, responder: random.chance(0.5),
    conferenceId: random.pick([0, 1, 0xffff_ffff, random.integer(0, 0xffff_ffff)]), transactionId: id(random), userId: id(random),
    ...randomBody(random, random.pick(Object.keys(PRIMITIVES) as Primitive[]), texts),
  };
}

function randomBody(random: Random, primitive: Primitive, texts: readonly string[]): Body {
  const maybe = <K extends string, V>(key: K, value: () => V): { [key in K]?: V } => (random.chance(0.5) ? { [key]: value() } as { [key in K]?: V } : {});
  const text = (): string => random.pick(texts);
  const many = <T>(least: number, most: number, value: () => T): T[] => Array.from({ length: random.integer(least, most) }, value);
  const user = (): UserInformation => ({ userId: id(random), ...maybe('displayName', text), ...maybe('uri', text) });
  const status = (): object => ({ ...maybe('requestStatus', () => ({ status: random.pick(STATUSES), queuePosition: random.integer(0, 255) })), ...maybe('statusInfo', text) });
  const information = (): FloorRequestInformation => ({
    floorRequestId: id(random), ...maybe('overallStatus', () => ({ floorRequestId: id(random), ...status() })),
    floors: many(1, 2, () => ({ floorId: id(random), ...status() })),
    ...maybe('beneficiary', user), ...maybe('requestedBy', user), ...maybe('priority', () => random.integer(0, 4)), ...maybe('participantProvidedInfo', text),
  });
  switch (primitive) {
    case 'FloorRequest':
      return { primitive, floorIds: many(1, 4, () => id(random)), ...maybe('beneficiaryId', () => id(random)), ...maybe('participantProvidedInfo', text), ...maybe('priority', () => random.integer(0, 4)) };
    case 'FloorRelease': case 'FloorRequestQuery': return { primitive, floorRequestId: id(random) };
    case 'FloorRequestStatus': case 'ChairAction': return { primitive, floorRequest: information() };
    case 'UserQuery': return { primitive, ...maybe('beneficiaryId', () => id(random)) };
    case 'UserStatus': return { primitive, ...maybe('beneficiary', user), floorRequests: many(0, 3, information) };
    case 'FloorQuery': return { primitive, floorIds: many(0, 4, () => id(random)) };
    case 'FloorStatus': return { primitive, floorIds: many(0, 2, () => id(random)), floorRequests: many(0, 3, information) };
    case 'HelloAck': return { primitive, supportedPrimitives: many(1, 20, () => random.integer(1, 18)), supportedAttributes: many(1, 20, () => random.integer(1, 18)) };
    case 'Error':
      return { primitive, error: { code: random.integer(1, 14), ...maybe('details', () => Buffer.from(many(1, 5, () => random.integer(0, 127) << 1))) }, ...maybe('info', text) };
    default: return { primitive };
  }
}

const id = (random: Random): number => random.pick([0, 1, 2, 0xffff, random.integer(0, 0xffff)]);
