import type { SimulatedCall } from './call';
import { CallFailedError } from './calling';
import { SimulatedEndpoint, type EndpointOptions } from './endpoint';
import { SimulatorError } from './errors';
import type { CallReport } from './report';

export interface TestCallOptions {
  /** Who calls: a running endpoint, or what to start one from. */
  from: SimulatedEndpoint | EndpointOptions;
  /** `name`, `name@domain` or a SIP URI; a bare name gets the caller's domain. */
  address: string;
  /** Talking time. Default 5. */
  seconds?: number;
  ringSeconds?: number;
  /** Told when it rings and when it is answered. */
  onProgress?(line: string): void;
  /** Ends the call early, with its report. */
  signal?: AbortSignal;
}

/**
 * Places one call, talks for a while, hangs up and tells how it went. A call that fails is a report too, with its cause.
 * Throws SimulatorError only where no call could be tried: the endpoint does not start or does not register.
 */
export async function runTestCall(options: TestCallOptions): Promise<CallReport> {
  const own = !(options.from instanceof SimulatedEndpoint);
  const endpoint = options.from instanceof SimulatedEndpoint ? options.from : await SimulatedEndpoint.start(options.from);
  try {
    return await callFrom(endpoint, options, options.from instanceof SimulatedEndpoint ? true : options.from.sendMedia !== false);
  } finally {
    if (own) await endpoint.close();
  }
}

async function callFrom(endpoint: SimulatedEndpoint, options: TestCallOptions, withMedia: boolean): Promise<CallReport> {
  const dialled = options.address.includes('@') ? options.address : `${options.address}@${endpoint.address.split('@')[1]}`;
  const report: CallReport = {
    from: endpoint.address, dialled: dialled.replace(/^sips?:/, ''), answered: false, mediaBothWays: false, setup: {}, seconds: 0, media: {},
    end: { cause: '' },
  };
  let call: SimulatedCall;
  try {
    call = await endpoint.call(dialled, {
      onRinging: (party) => {
        report.rang = party;
        options.onProgress?.(`Ringing: ${party.name}`);
      },
      ...(options.ringSeconds === undefined ? {} : { ringSeconds: options.ringSeconds }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (error) {
    return { ...report, ...failed(error) };
  }
  options.onProgress?.(`Answered: ${call.remote.name}`);
  const end = await talk(call, options);
  const media = call.mediaReport;
  const mediaBothWays = withMedia && [media.audio, media.video].every((stream) => stream === undefined || (stream.sent > 0 && stream.received > 0))
    && media.audio !== undefined;
  return {
    ...report, answered: true, answeredBy: call.remote, setup: call.setup, seconds: call.seconds, media, mediaBothWays,
    end: {
      cause: end.by === 'here' ? 'hung up by us' : 'hung up by the far end',
      ...(end.explanation === undefined ? {} : { explanation: end.explanation }),
    },
    ...(withMedia && !mediaBothWays
      ? { hint: 'Media did not flow both ways: look for a firewall between the ends, for the addresses in their SDP, and for a far end on hold.' } : {}),
  };
}

/** Until the time is up, the far end hangs up or the caller of this has enough. */
async function talk(call: SimulatedCall, { seconds = 5, signal }: TestCallOptions): Promise<{ by: 'here' | 'there'; explanation?: string }> {
  let timer: NodeJS.Timeout | undefined;
  let abort: () => void = () => undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1_000);
    abort = resolve;
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) resolve();
  });
  await Promise.race([enough, call.ended]);
  clearTimeout(timer);
  signal?.removeEventListener('abort', abort);
  await call.hangUp();
  return call.ended;
}

function failed(error: unknown): Pick<CallReport, 'setup' | 'end' | 'rang' | 'hint'> {
  if (error instanceof CallFailedError) {
    const { failure } = error;
    return {
      setup: failure.setup,
      end: {
        cause: `${failure.status} ${failure.reason}`.trim(), status: failure.status,
        ...(failure.explanation === undefined ? {} : { explanation: failure.explanation }),
      },
      ...(failure.rang === undefined ? {} : { rang: failure.rang }),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  }
  if (error instanceof SimulatorError) {
    return { setup: {}, end: { cause: error.message, ...(error.sipStatus === undefined ? {} : { status: error.sipStatus }) }, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
  throw error;
}
