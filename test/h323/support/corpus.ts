import fs from 'node:fs';
import path from 'node:path';
import type { Schema } from '../../../src/h323/per';
import { h225, h245 } from '../../../src/h323/schemas';

export interface RecordedPdu {
  recording: string;
  kind: 'ras' | 'cs' | 'h245';
  message: string;
  reencodes: 'identically' | 'equally';
  octets: Buffer;
}

/** PDUs that real stacks sent, see test/fixtures/h323/README.md. */
export const CORPUS: readonly RecordedPdu[] = fs.readFileSync(path.join(__dirname, '../../fixtures/h323/pdus.jsonl'), 'utf8').trim().split('\n')
  .map((line) => {
    const { hex, ...rest } = JSON.parse(line) as RecordedPdu & { hex: string };
    return { ...rest, octets: Buffer.from(hex, 'hex') };
  });

export const SCHEMAS: Record<RecordedPdu['kind'], Schema<unknown>> = {
  ras: h225.RasMessage, cs: h225.H323UserInformation, h245: h245.MultimediaSystemControlMessage,
};
