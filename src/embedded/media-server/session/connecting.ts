import type { DtlsRole } from './dtls/association';
import type { IceParameters, MediaLine, SetupRole } from './sdp/description';
import type { Security } from './sdp/line-plan';
import type { MediaTransport, RemoteEndpoint } from './transport/media-transport';

/** Gives a transport what the other side's line says: addresses, ICE, and the certificate's fingerprint for DTLS. */
export function connectTransport(transport: MediaTransport, line: MediaLine, { controlling, isOffer, security }: {
  controlling: boolean; isOffer: boolean; security: Security;
}): void {
  transport.describe(remoteEndpoint(line));
  transport.startIce(usableIce(line), controlling, isOffer);
  if (security === 'dtls' && line.fingerprint !== undefined) transport.startDtls(dtlsRole(line.setup, transport.dtlsRole), line.fingerprint);
}

function remoteEndpoint({ host, port, rtcpHost, rtcpPort, rtcpMux }: MediaLine): RemoteEndpoint {
  return {
    rtp: host === undefined || port === 0 ? undefined : { host, port },
    rtcp: rtcpHost === undefined || rtcpMux || rtcpPort === 0 || rtcpPort > 65_535 ? undefined : { host: rtcpHost, port: rtcpPort },
    rtcpMux,
  };
}

/** RFC 8839 section 4.2.5: a default destination that is no candidate means that somebody between us rewrote it; then ICE is off. */
function usableIce({ ice, host, port }: MediaLine): IceParameters | undefined {
  const isTrickled = host === undefined || port === 9 || ice?.candidates.length === 0;
  return isTrickled || ice?.candidates.some((candidate) => candidate.host === host && candidate.port === port) ? ice : undefined;
}

/** RFC 8842 section 5: the role that stays with a running association, else the one left over; a choice is taken as the client. */
function dtlsRole(setup: SetupRole | undefined, before: DtlsRole | undefined): DtlsRole {
  if (setup === 'passive') return 'client';
  if (setup === 'actpass') return before ?? 'client';
  return 'server';
}
