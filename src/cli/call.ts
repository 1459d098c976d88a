import fs from 'node:fs';
import type { Config } from '../config';
import { parseContact } from '../embedded/sip-server';
import { formatCallReport, runTestCall, type CallReport, type EndpointAccount } from '../simulator';
import { withTestDevice } from './call-account';
import type { CliContext, RegisterCommands } from './context';
import { NegativeResult, UsageError } from './usage-error';

const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;
type Transport = (typeof TRANSPORTS)[number];

interface Options {
  as?: string;
  passwordFile?: string;
  gateway?: string;
  transport: string;
  ca?: string;
  seconds: string;
  ring: string;
  video?: boolean;
  media: boolean;
}

export const register: RegisterCommands = (program, context) => {
  program.command('call')
    .description('place a real test call: who answered, how fast, whether media flows both ways')
    .argument('<address>', 'what is dialled: a service, a device, a number; without a domain it gets this system\'s')
    .option('--as <device>', 'call as this device of the directory, with --password-file; default: one made for this call')
    .option('--password-file <file>', "file with the device's password")
    .option('--gateway <uri>', 'where the gateway listens, sip:HOST:PORT (default: as configured, sip.listen)')
    .option('--transport <transport>', 'udp, tcp or tls', 'udp')
    .option('--ca <file>', 'PEM file of the authority that signed the gateway\'s certificate, for tls')
    .option('--seconds <n>', 'how long to talk, 1 to 3600', '5')
    .option('--ring <n>', 'how long to let it ring, 1 to 600', '60')
    .option('--video', 'send an H.264 test pattern too')
    .option('--no-media', 'signalling only')
    .addHelpText('after', `
Speaks a tone of 440 Hz. Exit code 0 when the call was answered and media flowed both ways, 1 when not, with the cause.

Examples:
  etasilta call itsetesti.fi
  etasilta call kela.fi --video --seconds 20
  etasilta call ex90-1@ahtari.etela-pohjanmaa.example --no-media --ring 10
  etasilta call kela --as ex90-1@ahtari.etela-pohjanmaa.example --password-file secret --gateway sip:192.0.2.10:5060 --transport tcp`)
    .action(async (address: string, options: Options) => {
      const report = await placeTestCall(address, options, await context.config(), context);
      context.print(report, () => formatCallReport(report));
      if (!report.answered || (options.media && !report.mediaBothWays)) throw new NegativeResult();
    });
};

async function placeTestCall(address: string, options: Options, config: Config, context: CliContext): Promise<CallReport> {
  const transport = TRANSPORTS.find((name) => name === options.transport);
  if (transport === undefined) throw new UsageError(`--transport ${options.transport}: must be one of ${TRANSPORTS.join(', ')}`);
  const seconds = numberOf('--seconds', options.seconds, 3_600);
  const ringSeconds = numberOf('--ring', options.ring, 600);
  const registrar = options.gateway === undefined ? configuredGateway(config, transport) : withTransport(options.gateway, transport);
  const ca = options.ca === undefined ? undefined : readFile('--ca', options.ca);
  const place = (account: EndpointAccount): Promise<CallReport> => untilInterrupted((signal) => runTestCall({
    from: { ...account, registrar, video: options.video === true, sendMedia: options.media, ...(ca === undefined ? {} : { ca }) },
    address: address.includes('@') ? address : `${address}@${config.domain}`,
    seconds, ringSeconds, signal,
    onProgress: (line) => context.progress(line),
  }));
  if (options.as === undefined && options.passwordFile === undefined) return withTestDevice(config, place);
  if (options.as === undefined || options.passwordFile === undefined) throw new UsageError('--as and --password-file go together');
  if (!/^[^@\s]+@[^@\s]+$/.test(options.as)) throw new UsageError(`--as ${options.as}: must be a device address, name@domain`);
  return place({ address: options.as, password: readFile('--password-file', options.passwordFile).split(/\r?\n/, 1)[0] ?? '' });
}

/** Ctrl-C ends the call and still gives its report. */
async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.once('SIGINT', interrupt);
  try {
    return await work(abort.signal);
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}

function numberOf(option: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 1 || value > max) throw new UsageError(`${option} ${text}: must be a number from 1 to ${max}`);
  return value;
}

function readFile(option: string, file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${option} ${file}: cannot be read (${(error as Error).message})`);
  }
}

function withTransport(gateway: string, transport: Transport): string {
  return /;transport=/i.test(gateway) ? gateway : `${gateway};transport=${transport}`;
}

/** The configured listening point of this transport, as one reaches it from this machine. */
function configuredGateway(config: Config, transport: Transport): string {
  const point = config.sip.engine === 'embedded' ? config.sip.listen.flatMap(parseContact).find(({ protocol }) => protocol === transport) : undefined;
  if (point === undefined) {
    throw new UsageError(`The configuration does not say where the gateway listens for SIP over ${transport}.`, 'Say it with --gateway sip:HOST:PORT.');
  }
  const host = point.host === '0.0.0.0' ? '127.0.0.1' : point.host === '::' ? '::1' : point.host;
  return `sip:${host.includes(':') ? `[${host}]` : host}:${point.port};transport=${transport}`;
}
