import type { CallMedia, ConferenceOptions, MediaConference, MediaEndpoint, MediaTransport, OfferOptions } from '../calls';
import { PooledEndpoint } from './endpoint';
import { gone, releaseFor, serverFault } from './media-error';
import type { MediaServer, Place } from './media-server';
import type { Prompts } from './prompts';
import { serverOffer } from './sdp';
import type { Placed } from './server-link';
import type { SessionEvents } from './sip-session';

/** One call's endpoints on its server. */
export class PooledCallMedia implements CallMedia {
  private readonly endpoints = new Set<PooledEndpoint>();
  private closed = false;

  /** @param leave gives back what belongs to the call besides its place. */
  constructor(
    private readonly mediaServer: MediaServer, private readonly place: Place, private readonly prompts: Prompts, private readonly leave: () => void,
  ) {}

  get server(): string {
    return this.mediaServer.name;
  }

  answer(offer: string, options: { like?: string } = {}): Promise<MediaEndpoint> {
    const shaped = serverOffer(offer, options.like, this.mediaServer.slides);
    return this.make((on) => this.mediaServer.answer(this.place, shaped, on), (placed) => PooledEndpoint.answering(placed, offer, this.prompts));
  }

  offer(transport: MediaTransport, options: OfferOptions): Promise<MediaEndpoint> {
    return this.make((on) => this.mediaServer.offer(this.place, transport, options, on), (placed) => PooledEndpoint.offering(placed, transport, options, this.prompts));
  }

  async conference(name: string, options: ConferenceOptions): Promise<MediaConference> {
    return this.mediaServer.conferences.open(name, options, this.prompts);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const endpoint of this.endpoints) endpoint.release();
    this.mediaServer.giveBack(this.place);
    this.leave();
  }

  private async make(start: (on: SessionEvents) => Promise<Placed>, wrap: (placed: Placed) => PooledEndpoint): Promise<MediaEndpoint> {
    let made: PooledEndpoint | undefined;
    let over = false;
    const placed = await start({
      over: (byServer, why) => {
        over = true;
        if (!made) return;
        this.endpoints.delete(made);
        // Nobody can talk on without it.
        if (byServer && made.established && !this.closed) {
          this.place.lost(releaseFor(why ?? serverFault('media of a party', 'the media server has ended them')));
        }
      },
      keyFrameWanted: () => made?.keyFrameWanted(),
    });
    if (over) throw gone('the endpoint');
    const endpoint = (made = wrap(placed));
    this.endpoints.add(endpoint);
    if (this.closed) endpoint.release();
    return endpoint;
  }
}
