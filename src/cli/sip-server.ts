import { SipServerError, standAloneOptions, startSipServer, type SipServerLog } from '../embedded/sip-server';
import { EtasiltaError } from '../errors';
import type { RegisterCommands } from './context';
import { collect, readOptionFile, secretOf } from './options';
import { UsageError } from './usage-error';

interface Options {
  admin: string;
  secret?: string;
  secretFile?: string;
  contact: string[];
  tlsCert?: string;
  tlsKey?: string;
  dnsServer: string[];
}

/** The server could not be started or stopped. */
class SipServerCommandError extends EtasiltaError {}

const SECRET_VARIABLE = 'ETASILTA_SIP_SERVER_SECRET';
const DEFAULT_CONTACT = 'sip:127.0.0.1:5060;transport=udp,tcp';

function tlsOf({ tlsCert, tlsKey }: Options): { cert: string; key: string } | undefined {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) throw new UsageError('--tls-cert and --tls-key go together');
  return tlsCert === undefined || tlsKey === undefined ? undefined : { cert: readOptionFile(tlsCert), key: readOptionFile(tlsKey) };
}

/** Usage faults are those that the words on the command line are to blame for. */
const USAGE_FAULTS = ['admin-invalid', 'secret-missing', 'secret-published', 'contact-invalid', 'certificate-missing'];

function translated(error: unknown): unknown {
  if (!(error instanceof SipServerError)) return error;
  if (USAGE_FAULTS.includes(error.code)) return new UsageError(error.message, error.hint);
  return new SipServerCommandError(error.code, error.message, { hint: error.hint, cause: error });
}

export const register: RegisterCommands = (program, context) => {
  program.command('sip-server')
    .description('run the embedded SIP server by itself, as a stand-in for drachtio-server')
    .option('--admin <host:port>', 'where applications connect', '127.0.0.1:9022')
    .option('--secret <secret>', `what applications authenticate with (visible to other users of the machine; better a file, or ${SECRET_VARIABLE})`)
    .option('--secret-file <file>', 'file with the secret')
    .option('--contact <uri>', `where to listen for SIP, repeatable (default: ${DEFAULT_CONTACT})`, collect, [])
    .option('--tls-cert <file>', 'certificate for transport=tls and wss, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--dns-server <address>', 'DNS server to ask, repeatable (default: those of the system)', collect, [])
    .addHelpText('after', `
A contact is sip:HOST:PORT;transport=LIST with udp, tcp, tls, ws and wss. A host that is bound to all interfaces or stands behind
NAT may say how it is reached: ;external-ip=ADDRESS.

Examples:
  etasilta sip-server --secret-file secret.txt
  etasilta sip-server --admin 127.0.0.1:9022 --secret S --contact 'sip:127.0.0.1:5060;transport=udp,tcp'
  etasilta sip-server --secret-file secret.txt --contact 'sip:0.0.0.0:5060;transport=udp,tcp' \\
    --contact 'sip:0.0.0.0:5061;transport=tls' --contact 'sip:0.0.0.0:8443;transport=wss' --tls-cert cert.pem --tls-key key.pem`)
    .action(async (options: Options) => {
      const log: SipServerLog = (level, event, detail) => {
        if (level !== 'debug') context.note(JSON.stringify({ level, event, ...detail }));
      };
      try {
        const stopped = new Promise<void>((resolve) => {
          for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
        });
        const server = await startSipServer({
          ...standAloneOptions({
            admin: options.admin, secret: secretOf('secret', { given: options.secret, file: options.secretFile, variable: SECRET_VARIABLE }), contacts: options.contact.length > 0 ? options.contact : [DEFAULT_CONTACT],
            tls: tlsOf(options), dnsServers: options.dnsServer,
          }),
          log,
        });
        context.print({ ready: true, adminPort: server.adminPort, contacts: server.contacts },
          () => `SIP at ${server.contacts.join(', ')}; applications at port ${server.adminPort}. Stop it with Ctrl-C.`);
        await stopped;
        await server.close();
      } catch (error) {
        throw translated(error);
      }
    });
};
