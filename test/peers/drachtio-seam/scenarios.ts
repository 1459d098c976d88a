import type { Application } from './application';
import type { RawPeer } from './raw-peer';
import { inviteScenarios } from './invite-scenarios';
import { dialogScenarios } from './dialog-scenarios';
import { otherScenarios } from './other-scenarios';

/** What a scenario is given: a connected application and two peers that send bare datagrams. */
export interface Stage {
  srf: Application;
  caller: RawPeer;
  callee: RawPeer;
  /** Where the callee is. */
  calleeUri: string;
  /** Writes down that the application was told something; `message` is compared header by header. */
  note(event: string, message?: { raw: string }): void;
  /** Resolves when every route asked for so far is in force. */
  ready(): Promise<void>;
}

export interface Scenario {
  name: string;
  /** Takes as long as a SIP timer, half a minute or so. */
  slow?: boolean;
  run(stage: Stage): Promise<void>;
}

export const scenarios: Scenario[] = [...inviteScenarios, ...dialogScenarios, ...otherScenarios];
