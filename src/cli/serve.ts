import path from 'node:path';
import { DEFAULT_FILE } from '../config';
import { EtasiltaError } from '../errors';
import { Gateway } from '../server';
import type { RegisterCommands } from './context';
import { answerTestCalls, importPilot, runProof } from './proof';

interface ServeOptions {
  pilot?: boolean;
  selfTest?: boolean;
  once?: boolean;
}

/** Resolves with the signal that asks the gateway to stop. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(signal));
  });
}

/**
 * An exception that nobody caught is a fault of ours, and is logged with its stack; it costs the call or request that it came
 * from. Ending the process for it would cost every other call too.
 */
function surviveFaults({ log }: Gateway): void {
  // That nobody reads what is printed any more is no reason to stop.
  process.stdout.removeAllListeners('error').on('error', () => undefined);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => log.error({ error: error instanceof Error ? error.stack : String(error) }, event));
  }
}

/** @param answers whether the simulated endpoint answers test calls */
function nextSteps(gateway: Gateway, answers: boolean, configFile?: string): string {
  const file = path.relative('', configFile ?? DEFAULT_FILE);
  const commands = [
    ['directory search kela', 'what can be dialled'], ['route kela --explain', 'where it would go now, and why'],
    [answers ? 'call itsetesti.fi' : 'call ADDRESS', 'place a test call'], ['calls list', 'running calls; --ended for the records'], ['doctor', 'what is wrong and how to mend it'],
  ] as const;
  return `
The gateway is up: SIP at ${gateway.contacts.join(', ')}. Stop it with Ctrl-C. In another shell:

${commands.map(([command, what]) => `  npx etasilta ${file === DEFAULT_FILE ? '' : `--config ${file} `}${command.padEnd(24)} ${what}\n`).join('')}`;
}

export const register: RegisterCommands = (program, context) => {
  program.command('serve')
    .description('run the gateway')
    .option('--pilot', 'import the pilot directory when the directory is empty')
    .option('--self-test', 'prove with a real call between two simulated endpoints of the pilot directory that it works')
    .option('--once', 'stop after the self-test; exit code 0 when it passed, 1 when not')
    .addHelpText('after', `
Logs are JSON lines on standard error. With --json one line {"ready":true,...} on standard output says that calls are taken.

Examples:
  etasilta serve
  etasilta serve --config /etc/etasilta.yaml
  etasilta serve --pilot --self-test --once`)
    .action(async (options: ServeOptions) => {
      const config = await context.config();
      const stopped = stopSignal();
      const gateway = await Promise.race([Gateway.start(config), stopped]);
      if (typeof gateway === 'string') {
        context.note(`Stopping (${gateway}) before the gateway was up.`);
        // Starting waits for the SIP server as long as it takes, and no part that has started can be stopped yet.
        process.exit(0);
      }
      surviveFaults(gateway);
      let stopAnswering: (() => Promise<void>) | undefined;
      try {
        const selfTest = options.selfTest || options.once;
        if (options.pilot || selfTest) await importPilot(gateway.directoryDatabase, config, context);
        if (selfTest) {
          const failure = await runProof(gateway, config, context);
          if (options.once) {
            if (failure) throw new EtasiltaError('self-test', `the self-test failed: ${failure}`, { hint: 'Run `etasilta doctor`.' });
            return;
          }
          if (!failure) stopAnswering = await answerTestCalls(gateway, config);
        }
        process.stdout.write(context.json ? `${JSON.stringify({ ready: true, sip: gateway.contacts, pid: process.pid })}\n` : nextSteps(gateway, stopAnswering !== undefined, config.file));
        const signal = await stopped;
        context.note(`Stopping (${signal}).`);
      } finally {
        await stopAnswering?.();
        await gateway.stop();
      }
    });
};
