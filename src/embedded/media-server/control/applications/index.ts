import type { Channel } from '../channel';
import type { Control } from '../control';
import type { Run } from '../execution';
import { joinConference } from './conference';
import { collectDigits } from './collect-digits';
import { endlessPlayback, playback } from './playback';
import { record, recordSession, stopRecordSession } from './record';
import { answer, bridge, hangup, park, sendDtmf, setMute, sleep } from './call';
import { exportVariable, multiset, setVariable, unset } from './variables';

/** An application of the dial plan; what it returns is the Application-Response. */
export type ControlApplication = (control: Control, channel: Channel, run: Run) => string | void | Promise<string | void>;

export const applications: ReadonlyMap<string, ControlApplication> = new Map(Object.entries<ControlApplication>({
  answer, bridge, intercept: bridge, hangup, park, sleep, send_dtmf: sendDtmf, set_mute: setMute,
  set: setVariable, export: exportVariable, multiset, unset,
  playback, endless_playback: endlessPlayback, play_and_get_digits: collectDigits, record, record_session: recordSession, stop_record_session: stopRecordSession,
  conference: joinConference,
}));
