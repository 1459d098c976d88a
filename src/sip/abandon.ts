import type { SipRequest } from './request';

/** What drachtio-srf keeps of an INVITE until its final answer, by Call-ID (lib/drachtio-agent.js). */
interface DrachtioInternals {
  agent?: { mapServer?: Map<unknown, { pendingNetworkInvites?: Map<string, { req: unknown }> }> };
  socket?: unknown;
}

/**
 * Leaves a request without an answer. drachtio-srf would remember an unanswered INVITE for ever, so that note is taken out of
 * it; the SIP server forgets the transaction by itself after 64 seconds. Its 100 to an INVITE goes out before we are asked.
 */
export function abandon(req: SipRequest): void {
  const { agent, socket } = req as SipRequest & DrachtioInternals;
  const pending = agent?.mapServer?.get(socket)?.pendingNetworkInvites;
  const callId = req.get('call-id');
  if (callId !== undefined && pending?.get(callId)?.req === req) pending.delete(callId);
}
