import type { IncomingChannel, LogicalChannel } from '../h245';
import { mediumOf, type DescribedChannel } from '../sdp';

/** Channels that a peer has asked for and is not answered about, because where their media shall go is not known. */
export class AwaitedChannels {
  private readonly requests = new Set<IncomingChannel>();

  /** As the channels that they will be. */
  * [Symbol.iterator](): Iterator<DescribedChannel> {
    for (const { number, sessionId, dataType, payloadType, parameters, reports } of this.requests) {
      yield { direction: 'receive', number, sessionId, dataType, payloadType, parameters, media: { rtp: reports ?? { host: '0.0.0.0', port: 9 } } };
    }
  }

  add(request: IncomingChannel): void {
    this.requests.add(request);
  }

  delete(request: IncomingChannel): void {
    this.requests.delete(request);
  }

  /** What the peer will send; for a medium that it has not asked about yet what is sent to it, by which it will go. */
  with(open: readonly LogicalChannel[]): DescribedChannel[] {
    const asked = [...this];
    const isAsked = (channel: LogicalChannel): boolean => [...asked, ...open.filter(({ direction }) => direction === 'receive')].some(({ dataType }) => mediumOf(dataType) === mediumOf(channel.dataType));
    return [...asked, ...open.filter((channel) => channel.direction === 'send' && !isAsked(channel)).map((channel) => ({ ...channel, direction: 'receive' as const }))];
  }
}
