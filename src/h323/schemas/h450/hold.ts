// H.450.4 (05/1999): call hold.
import { type Infer, optional, sequence, sequenceOf } from '../../per';
import { MixedExtension } from './extension';

export const HoldNotificArg = sequence({ extensionArg: optional(sequenceOf(MixedExtension, 0, 255)) }, {});
export type HoldNotificArg = Infer<typeof HoldNotificArg>;

export const RetrieveNotificArg = sequence({ extensionArg: optional(sequenceOf(MixedExtension, 0, 255)) }, {});
export type RetrieveNotificArg = Infer<typeof RetrieveNotificArg>;

export const RemoteHoldArg = sequence({ extensionArg: optional(sequenceOf(MixedExtension, 0, 255)) }, {});
export type RemoteHoldArg = Infer<typeof RemoteHoldArg>;

export const RemoteHoldRes = sequence({ extensionRes: optional(sequenceOf(MixedExtension, 0, 255)) }, {});
export type RemoteHoldRes = Infer<typeof RemoteHoldRes>;

export const RemoteRetrieveArg = sequence({ extensionArg: optional(sequenceOf(MixedExtension, 0, 255)) }, {});
export type RemoteRetrieveArg = Infer<typeof RemoteRetrieveArg>;

export const RemoteRetrieveRes = sequence({ extensionRes: optional(sequenceOf(MixedExtension, 0, 255)) }, {});
export type RemoteRetrieveRes = Infer<typeof RemoteRetrieveRes>;
