import type { GenericMessage } from '../h245';
import { alternative } from '../per';
import type { h245 } from '../schemas';

/** H.239's messages are generic messages of H.245 under this identifier; numbers below as in H323plus (h323caps) and Polycom's RMX (H239Defines). */
const IDENTIFIER = '0.0.8.239.2';
const SUB_MESSAGES = {
  flowControlReleaseRequest: 1, flowControlReleaseResponse: 2, presentationTokenRequest: 3, presentationTokenResponse: 4, presentationTokenRelease: 5, presentationTokenIndicateOwner: 6,
} as const;
const KINDS: Record<keyof typeof SUB_MESSAGES, GenericMessage['kind']> = {
  flowControlReleaseRequest: 'request', flowControlReleaseResponse: 'response', presentationTokenRequest: 'request', presentationTokenResponse: 'response',
  presentationTokenRelease: 'command', presentationTokenIndicateOwner: 'indication',
};
const PARAMETERS = { bitRate: 41, channelId: 42, symmetryBreaking: 43, terminalLabel: 44, acknowledge: 126, reject: 127 } as const;
const MAX_PARAMETERS = 16;

/** Whose content and where. */
interface Subject {
  /** 0 outside multipoint conferences, else MCU number * 256 + terminal number. */
  terminalLabel?: number;
  /** Logical channel of the content, 1-65535. */
  channelId?: number;
}

export type H239Message =
  | (Subject & { type: 'presentationTokenRequest'; /** 0 to 127. */ symmetryBreaking: number })
  | (Subject & { type: 'presentationTokenResponse'; accepted: boolean })
  | (Subject & { type: 'presentationTokenRelease' | 'presentationTokenIndicateOwner' })
  | { type: 'flowControlReleaseRequest'; channelId?: number; /** In units of 100 bit/s. */ bitRate?: number }
  | { type: 'flowControlReleaseResponse'; channelId?: number; accepted: boolean };

export function encodeH239(message: H239Message): GenericMessage {
  const parameters: [keyof typeof PARAMETERS, number | null | undefined][] = [
    ...('accepted' in message ? [[message.accepted ? 'acknowledge' : 'reject', null] as ['acknowledge', null]] : []),
    ...('terminalLabel' in message ? [['terminalLabel', message.terminalLabel] as ['terminalLabel', number]] : []),
    ['channelId', message.channelId],
    ...('symmetryBreaking' in message ? [['symmetryBreaking', message.symmetryBreaking] as ['symmetryBreaking', number]] : []),
    ...('bitRate' in message ? [['bitRate', message.bitRate] as ['bitRate', number]] : []),
  ];
  return {
    kind: KINDS[message.type],
    message: {
      messageIdentifier: { standard: IDENTIFIER }, subMessageIdentifier: SUB_MESSAGES[message.type],
      messageContent: parameters.filter(([, value]) => value !== undefined).map(([name, value]) => ({ parameterIdentifier: { standard: PARAMETERS[name] }, parameterValue: valueOf(value!) })),
    },
  };
}

function valueOf(value: number | null): h245.ParameterValue {
  if (value === null) return { logical: null };
  return value <= 0xffff ? { unsignedMin: value } : { unsigned32Min: value };
}

/** Undefined for messages of other protocols, and for those that are not as H.239 has them. Parameters that are not known are passed over. */
export function decodeH239({ kind, message }: GenericMessage): H239Message | undefined {
  if (alternative(message.messageIdentifier, 'standard') !== IDENTIFIER) return undefined;
  const type = (Object.keys(SUB_MESSAGES) as (keyof typeof SUB_MESSAGES)[]).find((name) => SUB_MESSAGES[name] === message.subMessageIdentifier);
  if (type === undefined || KINDS[type] !== kind) return undefined;
  const contents = (message.messageContent ?? []).slice(0, MAX_PARAMETERS);
  const find = (name: keyof typeof PARAMETERS): h245.ParameterValue | undefined =>
    contents.find(({ parameterIdentifier }) => alternative(parameterIdentifier, 'standard') === PARAMETERS[name])?.parameterValue;
  const number = <N extends 'terminalLabel' | 'channelId' | 'symmetryBreaking' | 'bitRate'>(name: N): { [K in N]?: number } => {
    const value: unknown = Object.values(find(name) ?? {})[0];
    return typeof value === 'number' ? { [name]: value } as { [K in N]?: number } : {};
  };
  const subject = { ...number('terminalLabel'), ...number('channelId') };
  switch (type) {
    case 'presentationTokenRequest': return { type, ...subject, symmetryBreaking: number('symmetryBreaking').symmetryBreaking ?? 0 };
    // H323plus refuses without saying anything else; an answer that says neither is a refusal.
    case 'presentationTokenResponse': return { type, ...subject, accepted: find('acknowledge') !== undefined };
    case 'flowControlReleaseRequest': return { type, ...number('channelId'), ...number('bitRate') };
    case 'flowControlReleaseResponse': return { type, ...number('channelId'), accepted: find('acknowledge') !== undefined };
    default: return { type, ...subject };
  }
}
