import type { DtlsRole } from './dtls/association';
import type { IceParameters, MediaLine, SetupRole } from './sdp/description';
import type { Security } from './sdp/line-plan';
import type { MediaTransport, RemoteEndpoint } from './transport/media-transport';

/** Gives a transport what the other side's line says: addresses, ICE, and the certificate's fingerprint for DTLS. */
export function connectTransport(transport: MediaTransport, line: MediaLine, { controlling, isOffer, security }: {
  controlling: boolean; isOffer: boolean; security: Security;
}): void {
  transport.describe(remoteEndpoint(line));
  const ice = usableIce(line);
  transport.startIce(ice, controlling, isOffer);
  if (security !== 'dtls' || line.fingerprint === undefined) return;
  const choice: DtlsRole = ice === undefined ? 'server' : 'client';
  transport.startDtls(dtlsRole(line.setup, transport.dtlsRole ?? choice), line.fingerprint);
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

/**
 * RFC 8842 section 5: the role that is left over. Where there is a choice, a running association keeps its roles; a new one
 * makes us the client, which saves a round trip, when ICE has proven the way, and otherwise the server: who is behind address
 * translation reaches us, not we it, and nothing is sent to an address that nobody has proven.
 */
function dtlsRole(setup: SetupRole | undefined, choice: DtlsRole): DtlsRole {
  if (setup === 'passive') return 'client';
  return setup === 'actpass' ? choice : 'server';
}
