import { MediaServerError, standAloneOptions, startMediaServer, type MediaServerLog } from '../embedded/media-server';
import { EtasiltaError } from '../errors';
import type { RegisterCommands } from './context';
import { collect, secretOf } from './options';
import { UsageError } from './usage-error';

interface Options {
  esl: string;
  password?: string;
  passwordFile?: string;
  sip: string;
  rtp: string;
  address?: string;
  maxSessions?: string;
  allow: string[];
  folder?: string;
}

/** The server could not be started or stopped. */
class MediaServerCommandError extends EtasiltaError {}

const PASSWORD_VARIABLE = 'ETASILTA_MEDIA_SERVER_PASSWORD';

/** Faults that came up while it ran; all others are of the words on the command line. */
const RUNTIME_FAULTS = ['bind-failed', 'start-failed'];

function translated(error: unknown): unknown {
  if (!(error instanceof MediaServerError)) return error;
  if (!RUNTIME_FAULTS.includes(error.code)) return new UsageError(error.message, error.hint);
  return new MediaServerCommandError(error.code, error.message, { hint: error.hint, cause: error });
}

export const register: RegisterCommands = (program, context) => {
  program.command('media-server')
    .description('run the embedded media server by itself, as a stand-in for FreeSWITCH')
    .option('--esl <host:port>', 'where applications connect with the event socket', '127.0.0.1:8021')
    .option('--password <password>', `what applications authenticate with (visible to other users of the machine; better a file, or ${PASSWORD_VARIABLE})`)
    .option('--password-file <file>', 'file with the password')
    .option('--sip <host:port>', 'where to listen for SIP, UDP and TCP', '127.0.0.1:5080')
    .option('--rtp <from-to>', 'UDP ports of media', '20000-20999')
    .option('--address <ip>', 'address that SIP and SDP show instead of the bound one, behind address translation')
    .option('--max-sessions <count>', 'calls at one time (default: 500)')
    .option('--allow <network>', 'address or network beside loopback that may use this server, repeatable', collect, [])
    .option('--folder <folder>', 'where sound files and recordings are whose names are not absolute (default: the current folder)')
    .addHelpText('after', `
Examples:
  etasilta media-server --password-file password.txt
  etasilta media-server --esl 10.1.0.5:8021 --sip 10.1.0.5:5080 --rtp 20000-29999 --allow 10.1.0.0/24 --password-file password.txt`)
    .action(async (options: Options) => {
      const log: MediaServerLog = (level, event, detail) => {
        if (level !== 'debug') context.note(JSON.stringify({ level, event, ...detail }));
      };
      try {
        const stopped = new Promise<void>((resolve) => {
          for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
        });
        const password = secretOf('password', { given: options.password, file: options.passwordFile, variable: PASSWORD_VARIABLE });
        const server = await startMediaServer({ ...standAloneOptions({ ...options, password }), log });
        context.print({ ready: true, eslPort: server.eslPort, sipPort: server.sipPort },
          () => `Applications at port ${server.eslPort}, SIP at port ${server.sipPort}. Stop it with Ctrl-C.`);
        await stopped;
        await server.close();
      } catch (error) {
        throw translated(error);
      }
    });
};
