import { channel, subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SentMessage } from '../../src/h323/sent';

const NAME = 'etasilta:h323:sent';
const folder = process.env.ETASILTA_TEST_SENT;

/** Keeps what the H.323 stack sends in any test of this process, each message once, for `h323/sent.check.ts`. */
if (folder !== undefined && !channel(NAME).hasSubscribers) {
  const file = join(folder, `${process.pid}.txt`);
  const seen = new Set<string>();
  subscribe(NAME, (message) => {
    const { kind, octets } = message as SentMessage;
    const line = `${kind} ${octets.toString('hex')}\n`;
    if (seen.has(line)) return;
    seen.add(line);
    appendFileSync(file, line);
  });
}
