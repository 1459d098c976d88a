import { CallRecords, openCallStore, type CallRecord } from '../../src/calls';
import { until } from '../peers/harness';

/** Records of a gateway's data folder, newest first, at most `limit`. */
export async function recordsOf(dataDir: string, limit: number): Promise<CallRecord[]> {
  const store = await openCallStore(dataDir);
  try {
    return await new CallRecords(store).list({ limit });
  } finally {
    await store.close();
  }
}

/** The newest `count` records, once they are complete: what became of a call is written after its parties were told. */
export const completeRecords = (dataDir: string, count: number): Promise<CallRecord[]> => until('the calls are recorded', async () => {
  const records = await recordsOf(dataDir, count);
  return records.length === count && records.every(({ outcome }) => outcome !== 'running') && records;
});

/** The newest record, once it is complete. */
export const lastRecord = async (dataDir: string): Promise<CallRecord> => (await completeRecords(dataDir, 1))[0]!;
