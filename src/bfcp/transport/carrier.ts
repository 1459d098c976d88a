/** How the messages of one association travel. */
export interface Carrier {
  /** TCP: nothing is lost, doubled or reordered. */
  readonly reliable: boolean;
  /** Sends one whole message; what cannot be sent is lost without an error, or ends the carrier where it is reliable. */
  send(message: Buffer): void;
  /** Who takes what comes; set before anything can arrive. */
  attach(receiver: CarrierReceiver): void;
  /** Ends it; `closed` is not called for that. Safe to call twice. */
  close(): void;
}

export interface CarrierReceiver {
  /** A whole message, as far as its length says. */
  received(message: Buffer): void;
  /** It ended from the other side or by a fault. Once. */
  closed(cause?: Error): void;
}
