import type { h245 } from '../schemas';
import { Timer, type Clock } from '../clock';
import { H245Error } from './errors';

export type Status = 'master' | 'slave';

const NUMBERS = 2 ** 24;

export interface DeterminationOptions {
  clock: Clock;
  /** T106, milliseconds. */
  timeoutMs(): number;
  /** N100: how often a number is drawn before this side gives up. */
  attempts: number;
  /** 0-255; the greater one is master (H.323 section 6.2.8.4). */
  terminalType: number;
  random(octets: number): Buffer;
  send(message: h245.MultimediaSystemControlMessage): void;
  /** Both sides agree. */
  determined(status: Status): void;
  failed(error: H245Error): void;
}

/** Master/slave determination: the signalling entity MSDSE of H.245 Annex C.2. */
export class MasterSlaveDetermination {
  /** What this side is, as soon as it is known. */
  status: Status | undefined;
  private state: 'idle' | 'outgoing awaiting response' | 'incoming awaiting response' = 'idle';
  private number: number;
  private attempt = 0;
  private readonly timer: Timer;

  constructor(private readonly options: DeterminationOptions) {
    this.timer = new Timer(options.clock);
    this.number = this.draw();
  }

  /** A status is known and no determination is under way. */
  get settled(): boolean {
    return this.status !== undefined && this.state === 'idle';
  }

  /** DETERMINE.request; while a determination is under way its result comes anyway. */
  start(): void {
    if (this.state !== 'idle') return;
    this.attempt = 1;
    this.propose();
  }

  /** MasterSlaveDetermination of the peer. */
  proposed({ terminalType, statusDeterminationNumber }: h245.MasterSlaveDetermination): void {
    if (this.state === 'incoming awaiting response') return this.fail('h245-invalid', 'the peer asked again instead of acknowledging');
    const status = this.compare(terminalType, statusDeterminationNumber);
    if (status) {
      this.status = status;
      this.acknowledge(status);
      this.state = 'incoming awaiting response';
      this.await();
    } else if (this.state === 'outgoing awaiting response') {
      this.retry();
    } else {
      this.options.send({ response: { masterSlaveDeterminationReject: { cause: { identicalNumbers: null } } } });
    }
  }

  /** MasterSlaveDeterminationAck: says what its receiver is. */
  acknowledged({ decision }: h245.MasterSlaveDeterminationAck): void {
    if (this.state === 'idle') return;
    const status: Status = 'master' in decision ? 'master' : 'slave';
    if (this.state === 'incoming awaiting response' && status !== this.status) return this.fail('h245-determination', 'each side takes the other for its like');
    if (this.state === 'outgoing awaiting response') {
      this.status = status;
      this.acknowledge(status);
    }
    this.stop();
    this.options.determined(status);
  }

  /** MasterSlaveDeterminationReject: both had the same number. */
  rejected(): void {
    if (this.state === 'outgoing awaiting response') this.retry();
    else if (this.state === 'incoming awaiting response') this.fail('h245-determination', 'the peer rejected what it had proposed');
  }

  /** MasterSlaveDeterminationRelease: the peer gave up waiting. */
  released(): void {
    if (this.state !== 'idle') this.fail('h245-timeout', 'the peer gave up waiting (T106)');
  }

  stop(): void {
    this.timer.reset();
    this.state = 'idle';
  }

  private propose(): void {
    this.number = this.draw();
    this.options.send({ request: { masterSlaveDetermination: { terminalType: this.options.terminalType, statusDeterminationNumber: this.number } } });
    this.state = 'outgoing awaiting response';
    this.await();
  }

  private retry(): void {
    if (this.attempt >= this.options.attempts) return this.fail('h245-determination', `${this.attempt} numbers drawn were all the peer's, too (N100)`);
    this.attempt++;
    this.propose();
  }

  private draw(): number {
    return this.options.random(3).readUIntBE(0, 3);
  }

  /** Section C.2.1: the greater terminal type is master; else the number that is behind the other's by less than half the circle. */
  private compare(terminalType: number, number: number): Status | undefined {
    if (terminalType !== this.options.terminalType) return terminalType < this.options.terminalType ? 'master' : 'slave';
    const ahead = (number - this.number + NUMBERS) % NUMBERS;
    if (ahead === 0 || ahead === NUMBERS / 2) return undefined;
    return ahead < NUMBERS / 2 ? 'master' : 'slave';
  }

  private acknowledge(status: Status): void {
    this.options.send({ response: { masterSlaveDeterminationAck: { decision: status === 'master' ? { slave: null } : { master: null } } } });
  }

  private await(): void {
    this.timer.set(this.options.timeoutMs(), () => {
      if (this.state === 'outgoing awaiting response') this.options.send({ indication: { masterSlaveDeterminationRelease: {} } });
      this.fail('h245-timeout', 'the peer did not answer in time (T106)');
    });
  }

  private fail(code: 'h245-timeout' | 'h245-invalid' | 'h245-determination', what: string): void {
    this.stop();
    this.options.failed(new H245Error(code, `master/slave determination: ${what}`));
  }
}
