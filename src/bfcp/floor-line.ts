import { agreeOnBfcp, readBfcp, type BfcpAgreement, type BfcpDescription } from './sdp';

/** The transports in clear. */
export type FloorTransport = 'udp' | 'tcp';

/** Undefined for BFCP over TLS or DTLS. */
export const floorTransportOf = (transport: BfcpDescription['transport']): FloorTransport | undefined =>
  (transport === 'UDP/BFCP' ? 'udp' : transport === 'TCP/BFCP' ? 'tcp' : undefined);

/** The floor control that a description has over a transport in clear; not one that is refused. */
export const floorOf = (sdp: string): BfcpDescription | undefined => readBfcp(sdp).find(({ port, transport }) => port !== 0 && floorTransportOf(transport) !== undefined);

/** What two descriptions come to for one side; undefined where floor control is not offered, or refused. */
export function agreeOnFloor(offer: string, answer: string, side: 'offerer' | 'answerer'): BfcpAgreement | undefined {
  const offered = floorOf(offer);
  const answered = offered && readBfcp(answer).find(({ index }) => index === offered.index);
  return answered && agreeOnBfcp(offered, answered, side);
}
