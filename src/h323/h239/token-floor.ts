import type { ContentFloor, ContentFloorEvents } from '../../bfcp';
import type { GenericMessage } from '../h245';
import { PresentationToken, type TokenOptions } from './presentation-token';

export interface TokenFloorOptions extends Pick<TokenOptions, 'send' | 'symmetryBreaking'> {
  /** Number of the logical channel that content to the peer will have. */
  channelId(): number;
  flowControl?: TokenOptions['events']['flowControl'];
}

/** The content floor of a party that speaks H.239. */
export class TokenFloor implements ContentFloor {
  readonly token: PresentationToken;
  private events: ContentFloorEvents | undefined;

  constructor(private readonly options: TokenFloorOptions) {
    const { send, symmetryBreaking, flowControl } = options;
    this.token = new PresentationToken({
      send, symmetryBreaking,
      events: {
        requested: () => this.events?.requested(),
        released: () => this.events?.released(),
        granted: () => this.events?.granted(),
        refused: () => this.events?.refused(),
        revoked: () => this.events?.revoked(),
        ...(flowControl && { flowControl }),
      },
    });
  }

  /** The handler of H.245's generic messages; whether it is one of H.239's. */
  received(message: GenericMessage): boolean {
    return this.token.received(message);
  }

  attach(events: ContentFloorEvents): void {
    this.events = events;
  }

  request(): void {
    if (this.token.state === 'owned') this.events?.granted();
    else this.token.request(this.options.channelId());
  }

  release(): void {
    this.token.release();
  }

  grant(): void {
    this.token.grant();
  }

  refuse(): void {
    this.token.refuse();
  }

  revoke(): void {
    this.token.revoke(this.options.channelId());
  }

  /** The peer has ended its content without giving the token back. */
  abandoned(): void {
    this.token.abandoned();
  }

  /** What the other party shows does not reach the peer. */
  lost(): void {
    this.token.release();
    this.events?.revoked();
  }

  close(): void {
    this.token.close();
  }
}
