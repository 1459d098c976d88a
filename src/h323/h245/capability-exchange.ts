import { chosen } from '../per';
import type { h245 } from '../schemas';
import { Announced, type Capabilities } from './capabilities';
import { Timer, type Clock } from '../clock';
import { H245Error } from './errors';

/** The version whose messages this program sends: H.245 v15. */
const PROTOCOL_IDENTIFIER = '0.0.8.245.0.15';
const SEQUENCE_NUMBERS = 256;

export interface ExchangeOptions {
  clock: Clock;
  /** T101, milliseconds. */
  timeoutMs(): number;
  /** How many sets may wait for the one before them to be acknowledged. */
  maxWaiting: number;
  send(message: h245.MultimediaSystemControlMessage): void;
}

export interface Transfer {
  capabilities: Capabilities;
  /** The peer has acknowledged the set. */
  resolve(): void;
  reject(error: Error): void;
}

/** Telling the peer this side's capabilities: the outgoing side of the signalling entity CESE of H.245 Annex C.3. */
export class OutgoingCapabilities {
  private sequenceNumber = 0;
  private awaited: Transfer | undefined;
  private readonly waiting: Transfer[] = [];
  private readonly announced = new Announced();
  private readonly timer: Timer;

  constructor(private readonly options: ExchangeOptions) {
    this.timer = new Timer(options.clock);
  }

  get idle(): boolean {
    return !this.awaited;
  }

  /** TRANSFER.request. Sets go out one after another. */
  transfer(transfer: Transfer): void {
    if (this.waiting.length >= this.options.maxWaiting) return transfer.reject(new H245Error('h245-limit', `${this.waiting.length} capability sets wait to be sent already`));
    this.waiting.push(transfer);
    this.next();
  }

  acknowledged({ sequenceNumber }: h245.TerminalCapabilitySetAck): void {
    if (sequenceNumber === this.sequenceNumber) this.finish((transfer) => transfer.resolve());
  }

  rejected({ sequenceNumber, cause }: h245.TerminalCapabilitySetReject): void {
    if (sequenceNumber !== this.sequenceNumber) return;
    this.finish((transfer) => transfer.reject(new H245Error('h245-refused', `the peer refused this side's capabilities: ${chosen(cause)}`)));
  }

  stop(error: H245Error): void {
    const waiting = this.waiting.splice(0);
    this.finish((transfer) => transfer.reject(error));
    for (const transfer of waiting) transfer.reject(error);
  }

  private next(): void {
    if (this.awaited) return;
    this.awaited = this.waiting.shift();
    if (!this.awaited) return;
    this.sequenceNumber = (this.sequenceNumber + 1) % SEQUENCE_NUMBERS;
    try {
      this.options.send({ request: { terminalCapabilitySet: {
        ...this.announced.change(this.awaited.capabilities), sequenceNumber: this.sequenceNumber, protocolIdentifier: PROTOCOL_IDENTIFIER,
      } } });
    } catch (error) {
      return this.finish((transfer) => transfer.reject(error as Error));
    }
    this.timer.set(this.options.timeoutMs(), () => {
      this.options.send({ indication: { terminalCapabilitySetRelease: {} } });
      this.finish((transfer) => transfer.reject(new H245Error('h245-timeout', "capability exchange: the peer did not answer this side's set in time (T101)")));
    });
  }

  private finish(settle: (transfer: Transfer) => void): void {
    const transfer = this.awaited;
    if (!transfer) return;
    this.timer.reset();
    this.awaited = undefined;
    settle(transfer);
    this.next();
  }
}
