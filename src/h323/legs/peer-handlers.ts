import { release, type KeyFrameRequests } from '../../calls';
import type { H245Handlers } from '../h245';
import { takesContent } from '../sdp';
import type { ChannelAnswers } from './channel-answers';
import { isContent } from './channel-state';
import type { LegChanges } from './leg-changes';
import type { LegParts } from './leg-state';
import { meaningOf } from './peer-commands';

const CONTROL_LOST = release(503, 'the H.245 connection was lost', 'gateway', { q850: 41 });

/** What acts upon what the peer says. */
export interface PeerListeners {
  parts: LegParts;
  changes: LegChanges;
  answers: ChannelAnswers;
  /** Key frames that the peer wants. */
  wanted: KeyFrameRequests;
  finish(): void;
}

/** What comes of the peer's messages of H.245 in a leg; `listeners` are there when the first one comes. */
export function peerHandlers(listeners: () => PeerListeners): H245Handlers {
  return {
    ready: () => {
      const { parts: { state }, changes } = listeners();
      state.ready = true;
      state.paused = false;
      state.wake();
      if (changes.isCalm) changes.openMore();
    },
    remoteCapabilities: (capabilities) => {
      const { parts: { state, modes }, changes } = listeners();
      state.wake();
      modes.forget();
      if (capabilities.capabilityTable) {
        state.hasContent = takesContent(capabilities);
      } else {
        state.paused = state.ready || state.paused;
        state.ready = false;
      }
      changes.noticed();
    },
    channelOpened: (channel) => {
      const { parts: { state, content }, changes } = listeners();
      state.wake();
      if (channel.direction === 'send') return;
      if (isContent(channel)) content.endpointShows(true);
      changes.noticed();
    },
    channelClosed: ({ direction, number, dataType }, cause, reopen) => {
      const { parts: { state, content }, changes } = listeners();
      state.limits.forget({ direction, number });
      state.wake();
      if (isContent({ dataType })) {
        if (direction === 'receive') content.endpointShows(false);
        else if (cause !== 'local' && !reopen) content.unshown();
      }
      if (cause === 'local' || cause === 'ended') return;
      if (reopen && direction === 'send') changes.openMore();
      changes.noticed();
    },
    generic: (message) => listeners().parts.content.received(message),
    channelRequested: (request) => listeners().answers.answer(request),
    userInput: ({ text }) => {
      const { events } = listeners().parts;
      for (const digit of text) if (/[0-9*#A-D]/i.test(digit)) events.digit(digit.toUpperCase());
    },
    modeRequested: (modes) => listeners().parts.modes.answer(modes),
    flowControl: (limit) => {
      const { parts: { state }, changes } = listeners();
      state.limits.take(limit);
      changes.limitNoticed();
    },
    miscellaneousCommand: ({ type }) => {
      const meaning = meaningOf(type);
      if (meaning === 'key frame') listeners().wanted.request();
      return meaning !== undefined;
    },
    failed: (error) => {
      const { state, fault } = listeners().parts;
      // A peer that opened its channels by fast start may have no H.245 at all (H.323 section 8.1.7).
      if (state.ready || !state.fastStarted) fault(error);
    },
    ended: (by) => {
      const { parts: { state, events }, finish } = listeners();
      const lost = by === 'closed' && !state.over;
      finish();
      // A call that ends takes its H.245 along, and tells so within this turn; what fast start opened needs none.
      if (lost && state.started && !state.fastStarted) setImmediate(() => events.failed(CONTROL_LOST));
    },
  };
}
