import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CallRecords, openCallStore, type CallRecord, type CallStore } from '../../src/calls';
import { until } from '../peers/harness';

const record = (id: string, more: Partial<CallRecord> = {}): CallRecord => ({
  id, startedAt: 1_000, caller: 'ex90-1@ahtari.example', source: 'registered', protocol: 'sip', dialled: 'kela', outcome: 'running', attempts: [], ...more,
});

describe('call records', () => {
  let folder: string;
  let store: CallStore;
  let records: CallRecords;
  beforeEach(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-records-'));
    store = await openCallStore(folder);
    records = new CallRecords(store);
  });
  afterEach(async () => {
    await records.close();
    await store.close().catch(() => undefined);
    fs.rmSync(folder, { recursive: true });
  });

  test('a started call is on disk when start resolves, for another reader of the file too', async () => {
    await records.start(record('one'));
    const reader = await openCallStore(folder);
    expect(await new CallRecords(reader).get('one')).toMatchObject({ outcome: 'running', dialled: 'kela' });
    await reader.close();
  });

  test('the end completes the same row', async () => {
    const call = record('one');
    await records.start(call);
    Object.assign(call, { outcome: 'answered', endedAt: 5_000, device: 'x@y.example' });
    records.save(call);
    await records.flush();
    expect(await records.list()).toEqual([call]);
  });

  test('what becomes of a call is written with the start of the next one', async () => {
    const first = record('one');
    await records.start(first);
    Object.assign(first, { outcome: 'answered', endedAt: 5_000 });
    records.save(first);
    await records.start(record('two'));
    expect(await records.get('one')).toMatchObject({ outcome: 'answered', endedAt: 5_000 });
  });

  test('what becomes of a call is written though no other call starts', async () => {
    const call = record('one');
    await records.start(call);
    Object.assign(call, { outcome: 'answered', endedAt: 5_000 });
    records.save(call);
    await until('the end is written', async () => (await records.get('one'))?.outcome !== 'running');
    expect(await records.get('one')).toMatchObject({ outcome: 'answered', endedAt: 5_000 });
  });

  test('many calls at once are written in groups, none is lost', async () => {
    await Promise.all(Array.from({ length: 500 }, (_, i) => records.start(record(`call-${i}`, { startedAt: i }))));
    expect(await records.list({ limit: 1_000 })).toHaveLength(500);
    expect((await records.list({ limit: 1 }))[0]?.id).toBe('call-499');
  });

  test('calls that a dead process left running end as unknown, and say so', async () => {
    await records.start(record('left'));
    await records.start(record('done', { outcome: 'answered', endedAt: 2_000 }));
    expect(await records.closeUnfinished()).toBe(1);
    expect(await records.get('left')).toMatchObject({ outcome: 'unknown', cause: expect.stringContaining('end is unknown') });
    expect((await records.get('left'))?.endedAt).toBeUndefined();
    expect(await records.get('done')).toMatchObject({ outcome: 'answered' });
  });

  test('an identifier may be shortened while it stays unambiguous', async () => {
    await records.start(record('abc-1'));
    await records.start(record('abd-2'));
    expect((await records.get('abc'))?.id).toBe('abc-1');
    expect(await records.get('ab')).toBeUndefined();
  });

  test('a disk that cannot be written refuses new calls with 503 and keeps the ends of running ones until it recovers', async () => {
    const running = record('running');
    await records.start(running);
    await store.db.schema.alterTable('call_records').renameTo('away').execute();
    Object.assign(running, { outcome: 'answered', endedAt: 9_000 });
    records.save(running);
    await records.flush();
    await expect(records.start(record('new'))).rejects.toMatchObject({ code: 'call-record', sipStatus: 503, hint: expect.stringContaining('doctor') });
    await store.db.schema.alterTable('away').renameTo('call_records').execute();
    await records.flush();
    expect(await records.get('running')).toMatchObject({ outcome: 'answered', endedAt: 9_000 });
  });

  test('old records are removed, running ones never', async () => {
    await records.start(record('old', { outcome: 'answered' }));
    await records.start(record('still', {}));
    await records.start(record('new', { outcome: 'answered', startedAt: 99_000 }));
    expect(await records.prune(50_000)).toBe(1);
    expect((await records.list()).map((each) => each.id).sort()).toEqual(['new', 'still']);
  });
});
