import { table } from '../table';
import type { SimulatedCall } from './call';
import { SimulatedEndpoint } from './endpoint';
import { describeHeard, type CallReport } from './report';
import { runTestCall } from './test-call';

/** A simulated endpoint's account. */
export interface EndpointAccount {
  address: string;
  username?: string;
  password: string;
}

export interface SelfTestOptions {
  /** The gateway: `sip:HOST:PORT;transport=udp`. */
  registrar: string;
  caller: EndpointAccount;
  callee: EndpointAccount;
  /** Service that is dialled; the callee must be one of those who answer for it. */
  service: string;
  /** Talking time. Default 1. */
  seconds?: number;
  /** PEM of the authorities trusted for TLS; default: the system's. */
  ca?: string;
}

export interface SelfTestResult {
  passed: boolean;
  /** What was not as it should be; only where it did not pass. */
  reason?: string;
  /** What happened, in order: step and finding. */
  rows: [string, string][];
  report?: CallReport;
}

const CALLER_HZ = 440;
const CALLEE_HZ = 1_000;
const RING_SECONDS = 15;
/** How long the callee's side of the call may take to end after the caller's. */
const END_LIMIT_MS = 3_000;

/**
 * Proves a gateway with real calls: two endpoints register, one dials the service by name, the other rings and answers, sound
 * flows both ways and each hears the other's tone, the call ends at both ends. Never throws: a failure is a result.
 */
export async function runSelfTest(options: SelfTestOptions): Promise<SelfTestResult> {
  const rows: [string, string][] = [];
  const endpoints: SimulatedEndpoint[] = [];
  try {
    for (const [account, toneHz] of [[options.callee, CALLEE_HZ], [options.caller, CALLER_HZ]] as const) {
      endpoints.push(await SimulatedEndpoint.start({
        ...account, registrar: options.registrar, toneHz, ...(options.ca === undefined ? {} : { ca: options.ca }),
      }));
      rows.push(['Registered', account.address]);
    }
    return await prove(options, endpoints as [SimulatedEndpoint, SimulatedEndpoint], rows);
  } catch (error) {
    return { passed: false, reason: (error as Error).message, rows };
  } finally {
    await Promise.all(endpoints.map((endpoint) => endpoint.close()));
  }
}

async function prove(options: SelfTestOptions, [callee, caller]: [SimulatedEndpoint, SimulatedEndpoint], rows: [string, string][]): Promise<SelfTestResult> {
  let atCallee: SimulatedCall | undefined;
  callee.once('call', (call) => { atCallee = call; });
  const report = await runTestCall({ from: caller, address: options.service, seconds: options.seconds ?? 1, ringSeconds: RING_SECONDS });
  rows.push(['Dialled', `${report.dialled} from ${report.from}`]);
  rows.push(['Rang', callee.timesRung > 0 ? `${callee.address} after ${round(report.setup.ringing)} ms` : 'nobody']);
  if (!report.answered) {
    const why = `the call to ${report.dialled} was not answered: ${report.end.cause}${report.end.explanation ? ` (${report.end.explanation})` : ''}`;
    return { passed: false, reason: why, rows, report };
  }
  if (atCallee === undefined) return { passed: false, reason: `${callee.address} did not answer; somebody else did: ${report.answeredBy?.contact ?? '?'}`, rows, report };
  const endedThere = await endsInTime(atCallee);
  const [here, there] = [report.media.audio, atCallee.mediaReport.audio];
  rows.push(['Answered', `${callee.address} after ${round(report.setup.answered)} ms`]);
  rows.push(['Caller to callee', `${here?.sent ?? 0} packets sent, ${there?.received ?? 0} received, heard ${describeHeard(there?.heard ?? { kind: 'nothing' })}`]);
  rows.push(['Callee to caller', `${there?.sent ?? 0} packets sent, ${here?.received ?? 0} received, heard ${describeHeard(here?.heard ?? { kind: 'nothing' })}`]);
  rows.push(['Ended', `${report.end.cause === 'hung up by us' ? 'by the caller' : 'by the callee'} after ${report.seconds.toFixed(1)} s`]);
  const reason = faultOf(report, atCallee, endedThere);
  return { passed: reason === undefined, ...(reason === undefined ? {} : { reason }), rows, report };
}

function faultOf(report: CallReport, atCallee: SimulatedCall, endedThere: boolean): string | undefined {
  const [here, there] = [report.media.audio, atCallee.mediaReport.audio];
  if (!here?.received || !there?.received) return `no sound reached the ${here?.received ? 'callee' : 'caller'}`;
  if (there.heard.kind !== 'tone' || there.heard.frequencyHz !== CALLER_HZ) return `the callee heard ${describeHeard(there.heard)}, not the caller's tone`;
  if (here.heard.kind !== 'tone' || here.heard.frequencyHz !== CALLEE_HZ) return `the caller heard ${describeHeard(here.heard)}, not the callee's tone`;
  return endedThere ? undefined : 'the end of the call did not reach the callee';
}

async function endsInTime(call: SimulatedCall): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => { timer = setTimeout(() => resolve(false), END_LIMIT_MS); });
  const ended = await Promise.race([call.ended.then(() => true), limit]);
  clearTimeout(timer);
  return ended;
}

const round = (time: number | undefined): string => (time === undefined ? '?' : String(Math.round(time)));

/** The result as a short table. */
export const formatSelfTest = (result: SelfTestResult): string => table(['Self-test', ''], result.rows);
