import type { ControlReceiver } from '../../../src/h323/contracts';
import type { h225, h245 } from '../../../src/h323/schemas';
import type { CallRelease, CallRequest, IncomingCall, IncomingEvents, LocalEndpoint, OutgoingEvents } from '../../../src/h323/signalling';
import { SPEECH } from '../../../src/h323/signalling';

export const GATEWAY: h225.EndpointType = {
  vendor: { vendor: { t35CountryCode: 60, t35Extension: 0, manufacturerCode: 1 }, productId: Buffer.from('Etasilta'), versionId: Buffer.from('1') },
  gateway: {}, mc: false, undefinedNode: false,
};

/** A side of calls that records its faults. */
export function endpoint(faults: Error[], more: Partial<LocalEndpoint> = {}): LocalEndpoint {
  return { endpointType: GATEWAY, onFault: (error) => faults.push(error), ...more };
}

/** A receiver of H.245 that keeps what comes. */
export class Listener implements ControlReceiver {
  readonly log: string[] = [];
  readonly messages: h245.MultimediaSystemControlMessage[] = [];

  constructor(private readonly onOpened: () => void = () => undefined) {}

  opened(): void {
    this.log.push('opened');
    this.onOpened();
  }

  received(message: h245.MultimediaSystemControlMessage): void {
    this.messages.push(message);
    this.log.push(`received ${nameOf(message)}`);
  }

  closed(): void {
    this.log.push('closed');
  }
}

function nameOf(message: h245.MultimediaSystemControlMessage): string {
  const [, inner] = Object.entries(message)[0] as [string, object];
  return Object.keys(inner)[0]!;
}

export const roundTrip = (sequenceNumber: number): h245.MultimediaSystemControlMessage => ({ request: { roundTripDelayRequest: { sequenceNumber } } });

/** Events of a call, as lines. */
export function recorder(): { log: string[]; releases: CallRelease[]; events: OutgoingEvents & IncomingEvents } {
  const log: string[] = [];
  const releases: CallRelease[] = [];
  const answer = (name: string) => ({ fastStart, progress, display }: { fastStart?: unknown; progress?: { description: number }; display?: string }): void => {
    const shown = [name, fastStart && (fastStart === 'refused' ? 'fastStart refused' : `fastStart ${(fastStart as unknown[]).length}`), progress && `progress ${progress.description}`, display];
    log.push(shown.filter(Boolean).join(' '));
  };
  return {
    log, releases,
    events: {
      proceeding: answer('proceeding'), alerting: answer('alerting'), progress: answer('progress'), connected: answer('connected'),
      released: (release) => {
        releases.push(release);
        log.push(`released ${release.q850} by ${release.by}`);
      },
      digits: ({ kind, digits }) => log.push(`${kind} ${digits}`),
      dialled: (number, complete) => log.push(`dialled ${number}${complete ? ' complete' : ''}`),
      moreDigits: () => log.push('moreDigits'),
      facility: ({ reason }) => log.push(`facility ${Object.keys(reason)[0]}`),
      notified: ({ indicator }) => log.push(`notified ${indicator}`),
      services: (services) => log.push(`services ${services.length}`),
      forwarded: ({ reason, address }) => log.push(`forwarded ${reason} ${address?.host}:${address?.port}`),
    },
  };
}

export const callTo = (port: number, more: Partial<CallRequest> = {}): CallRequest => ({
  address: { host: '127.0.0.1', port }, source: { aliases: [{ 'h323-ID': 'ähtäri' }], display: 'Ähtäri', number: { type: 0, plan: 1, digits: '989', presentation: 0, screening: 0 } },
  destination: { aliases: [{ dialledDigits: '600' }], number: '600' }, bearer: SPEECH, ...more,
});

export type Answering = (call: IncomingCall) => void;

/** Proposals for G.711 µ-law both ways: what this side sends, and what it receives on the RTP port given. */
export function proposeAudio(host: string, port: number): h245.OpenLogicalChannel[] {
  const address = (offset: number): h245.TransportAddress => ({ unicastAddress: { iPAddress: { network: Buffer.from(host.split('.').map(Number)), tsapIdentifier: port + offset } } });
  const dataType: h245.DataType = { audioData: { g711Ulaw64k: 20 } };
  return [{
    forwardLogicalChannelNumber: 1,
    forwardLogicalChannelParameters: { dataType, multiplexParameters: { h2250LogicalChannelParameters: { sessionID: 1, mediaControlChannel: address(1) } } },
  }, {
    forwardLogicalChannelNumber: 2,
    forwardLogicalChannelParameters: { dataType: { nullData: null }, multiplexParameters: { none: null } },
    reverseLogicalChannelParameters: { dataType, multiplexParameters: { h2250LogicalChannelParameters: { sessionID: 1, mediaChannel: address(0), mediaControlChannel: address(1) } } },
  }];
}

/** Accepts the first proposal of each direction, receiving on the RTP port given. */
export function acceptAudio(proposals: readonly h245.OpenLogicalChannel[], host: string, port: number): h245.OpenLogicalChannel[] {
  const [receive, send] = proposeAudio(host, port).reverse();
  const theirs = proposals.find(({ reverseLogicalChannelParameters }) => !reverseLogicalChannelParameters);
  const ours = proposals.find(({ reverseLogicalChannelParameters }) => reverseLogicalChannelParameters);
  const received = receive!.reverseLogicalChannelParameters!.multiplexParameters as h245.OpenLogicalChannel['forwardLogicalChannelParameters']['multiplexParameters'];
  return [
    ...(theirs ? [{ ...theirs, forwardLogicalChannelParameters: { ...theirs.forwardLogicalChannelParameters, multiplexParameters: received } }] : []),
    ...(ours ? [{ ...ours, reverseLogicalChannelParameters: { ...ours.reverseLogicalChannelParameters!, multiplexParameters: send!.forwardLogicalChannelParameters.multiplexParameters as never } }] : []),
  ];
}
