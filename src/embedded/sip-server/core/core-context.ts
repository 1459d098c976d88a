import type { SipMessage } from '../message';
import type { SipServerLimits } from '../options';
import type { EngineContext } from '../transaction/context';
import type { Flow } from '../transport/flow';
import type { Applications, CdrEvent, MessageMeta } from './application';
import type { Dialog } from './dialog';
import type { DialogTable } from './dialog-table';
import type { RegisteredFlows } from './registered-flows';
import type { RequestSender } from './sender';

/** What the parts of the core share. */
export interface CoreContext extends EngineContext {
  limits: SipServerLimits;
  applications: Applications;
  dialogs: DialogTable;
  sender: RequestSender;
  registered: RegisteredFlows;
}

export const networkMeta = (flow: Flow, bytes: number): MessageMeta =>
  ({ source: 'network', bytes, protocol: flow.protocol, address: flow.remoteAddress, port: flow.remotePort });

/** Where a message of ours is said to come from: for responses the peer it went to, for requests our own socket, as drachtio-server has it. */
export function sentMeta(flow: Flow, bytes: number, isRequest: boolean): MessageMeta {
  return isRequest
    ? { source: 'application', bytes, protocol: flow.protocol, address: flow.local.hostTowards(flow.remoteAddress), port: flow.local.port }
    : { source: 'application', bytes, protocol: flow.protocol, address: flow.remoteAddress, port: flow.remotePort };
}


export type CdrRole = 'uac' | 'uas' | 'proxy-uac' | 'proxy-uas';
export type CdrReason = 'normal-release' | 'call-canceled' | 'call-rejected' | 'session-expired' | 'ackbye' | 'ack-timeout';

/** Tells the application that asked for such records. */
export function record(
  context: CoreContext, event: CdrEvent, source: 'network' | 'application', message: SipMessage, detail?: CdrRole | CdrReason,
): void {
  context.applications.choose(event)?.record(event, source, message.serialize(), detail);
}

/** Sends a BYE of the server's own, tells the application as drachtio-server does, and forgets the dialog. */
export type EndDialog = (dialog: Dialog, text: string, reason: CdrReason) => void;
