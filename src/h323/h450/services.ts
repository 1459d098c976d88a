import { decode, encode, PerError, type Infer, type Schema } from '../per';
import { h450 } from '../schemas';
import { errorNamed, H450Error } from './errors';

/** Invocations that wait for an answer, on either side. */
const MAX_WAITING = 16;
const MAX_INVOKE_ID = 65_535;
const ANSWER_MS = 10_000;

/** Problems of X.880 in a Reject. */
const PROBLEM = { unrecognizedOperation: 1, mistypedArgument: 2, resourceLimitation: 3, mistypedResult: 2 } as const;

type Operations = typeof h450.OPERATIONS;
export type OperationName = h450.OperationName;
export type ArgumentOf<N extends OperationName> = Infer<Operations[N]['argument']>;
/** What comes back; undefined where a peer leaves an optional result out, and for operations without any. */
export type ResultOf<N extends OperationName> = (Operations[N] extends { readonly result: infer S } ? Infer<S> : never) | undefined;

/** What this side does when an operation is invoked; an H450Error with a `service` is returned as that error. */
export type OperationHandlers = { [N in OperationName]?: (argument: ArgumentOf<N> | undefined) => ResultOf<N> | Promise<ResultOf<N>> | void };

export interface ServicesOptions {
  /** Sends an APDU within the call. */
  send(service: h450.H4501SupplementaryService): void;
  handlers: OperationHandlers;
  /** The peer wants the call cleared when its service is not known (H.450.1 interpretation APDU). */
  clear(): void;
  clock: { wakeAfter(delayMs: number, wake: () => void): () => void };
  /** Milliseconds for an answer; default: 10,000. */
  answerMs?: number;
}

interface Waiting {
  name: OperationName;
  resolve(result: unknown): void;
  reject(error: H450Error): void;
}

/**
 * The supplementary services of one call: remote operations (H.450.1, X.880) of transfer (H.450.2), diversion (H.450.3) and hold
 * (H.450.4) are invoked, dispatched and answered. What they mean is their handlers' affair.
 */
export class SupplementaryServices {
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private atWork = 0;
  private closed = false;

  constructor(private readonly options: ServicesOptions) {}

  /**
   * Invokes an operation that has a result. Rejects with H450Error.
   * @param answerMs milliseconds for an answer, where it takes other than usual
   */
  invoke<N extends OperationName>(name: N, argument?: ArgumentOf<N>, answerMs = this.options.answerMs ?? ANSWER_MS): Promise<ResultOf<N>> {
    if (this.closed) return Promise.reject(new H450Error('h450-closed', 'the call has ended'));
    if (this.waiting.size >= MAX_WAITING) return Promise.reject(new H450Error('h450-closed', `${MAX_WAITING} invocations wait for the peer`));
    return new Promise<ResultOf<N>>((resolve, reject) => {
      const id = this.nextId();
      const invocation = invocationOf(id, name, argument);
      const settle = <T>(how: (value: T) => void) => (value: T): void => {
        cancel();
        this.waiting.delete(id);
        how(value);
      };
      const waiting: Waiting = { name, resolve: settle(resolve as (result: unknown) => void), reject: settle(reject) };
      const cancel = this.options.clock.wakeAfter(answerMs, () => waiting.reject(new H450Error('h450-timeout', `the peer did not answer ${name}`)));
      this.waiting.set(id, waiting);
      this.send(invocation);
    });
  }

  /** Invokes an operation that is not answered, such as holdNotific. */
  tell<N extends OperationName>(name: N, argument?: ArgumentOf<N>): void {
    if (!this.closed) this.send(invocationOf(this.nextId(), name, argument));
  }

  /** Takes an APDU that came. */
  received({ serviceApdu, interpretationApdu }: h450.H4501SupplementaryService): void {
    if (this.closed || !('rosApdus' in serviceApdu)) return;
    for (const operation of serviceApdu.rosApdus) {
      if ('invoke' in operation) this.invoked(operation.invoke, interpretationApdu);
      else if ('returnResult' in operation) this.returned(operation.returnResult);
      else if ('returnError' in operation) this.failed(operation.returnError);
      else this.rejected(operation.reject);
    }
  }

  /** The call has ended. */
  close(): void {
    this.closed = true;
    for (const { reject } of [...this.waiting.values()]) reject(new H450Error('h450-closed', 'the call has ended'));
  }

  private nextId(): number {
    do this.lastId = (this.lastId % MAX_INVOKE_ID) + 1; while (this.waiting.has(this.lastId));
    return this.lastId;
  }

  private send(operation: h450.ROS): void {
    if (!this.closed) this.options.send({ serviceApdu: { rosApdus: [operation] } });
  }

  private invoked({ invokeId, opcode, argument }: h450.Invoke, interpretation: h450.InterpretationApdu | undefined): void {
    const name = 'local' in opcode ? h450.operationNamed(Number(opcode.local)) : undefined;
    const handler = name && (this.options.handlers[name] as ((argument: unknown) => unknown) | undefined);
    if (!name || !handler) return this.unrecognized(invokeId, interpretation);
    if (this.atWork >= MAX_WAITING) return this.reject(invokeId, PROBLEM.resourceLimitation);
    const read = argument && decoded(h450.OPERATIONS[name].argument, argument);
    if (argument && read === undefined) return this.reject(invokeId, PROBLEM.mistypedArgument);
    this.atWork++;
    void this.perform(invokeId, name, () => handler(read)).finally(() => { this.atWork--; });
  }

  private async perform(invokeId: h450.InvokeId, name: OperationName, work: () => unknown): Promise<void> {
    const operation = h450.OPERATIONS[name];
    try {
      const result = await work();
      if ('result' in operation) {
        this.send({ returnResult: { invokeId, ...(result !== undefined && { result: { opcode: { local: operation.code }, result: encode(operation.result as Schema<unknown>, result) } }) } });
      }
    } catch (error) {
      if (!('result' in operation)) return;
      const service = error instanceof H450Error && error.service ? error.service : 'unspecified';
      this.send({ returnError: { invokeId, errcode: { local: h450.ERRORS[service] } } });
    }
  }

  private unrecognized(invokeId: h450.InvokeId, interpretation: h450.InterpretationApdu | undefined): void {
    if (interpretation && 'discardAnyUnrecognizedInvokePdu' in interpretation) return;
    if (interpretation && 'clearCallIfAnyInvokePduNotRecognized' in interpretation) return this.options.clear();
    this.reject(invokeId, PROBLEM.unrecognizedOperation);
  }

  private reject(invokeId: h450.InvokeId, invoke: number): void {
    this.send({ reject: { invokeId, problem: { invoke } } });
  }

  private returned({ invokeId, result }: h450.ReturnResult): void {
    const waiting = this.waiting.get(Number(invokeId));
    if (!waiting) return;
    const operation = h450.OPERATIONS[waiting.name];
    if (!result || !('result' in operation)) return waiting.resolve(undefined);
    const read = decoded(operation.result, result.result);
    if (read !== undefined) return waiting.resolve(read);
    this.send({ reject: { invokeId, problem: { returnResult: PROBLEM.mistypedResult } } });
    waiting.reject(new H450Error('h450-rejected', `the result of ${waiting.name} cannot be read`));
  }

  private failed({ invokeId, errcode }: h450.ReturnError): void {
    const waiting = this.waiting.get(Number(invokeId));
    const service = 'local' in errcode ? errorNamed(Number(errcode.local)) : 'unspecified';
    waiting?.reject(new H450Error('h450-error', `the peer answers ${waiting.name} with ${service}`, service));
  }

  private rejected({ invokeId }: h450.Reject): void {
    const waiting = this.waiting.get(Number(invokeId));
    waiting?.reject(new H450Error('h450-rejected', `the peer rejects ${waiting.name}`));
  }
}

function invocationOf<N extends OperationName>(invokeId: number, name: N, argument: ArgumentOf<N> | undefined): h450.ROS {
  const { code, argument: schema } = h450.OPERATIONS[name];
  return { invoke: { invokeId, opcode: { local: code }, ...(argument !== undefined && { argument: encode(schema as Schema<unknown>, argument) }) } };
}

function decoded(schema: Schema<unknown> | Schema<never>, octets: Buffer): unknown {
  try {
    return decode(schema as Schema<unknown>, octets);
  } catch (error) {
    if (error instanceof PerError) return undefined;
    throw error;
  }
}
