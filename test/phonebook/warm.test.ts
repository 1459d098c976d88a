import { join } from 'node:path';
import { loadDialPlan } from '../../src/addressing';
import { importDirectory, openDirectoryStore } from '../../src/directory';
import { openLiveDirectory } from '../../src/directory/live';
import { createPhonebookServer } from '../../src/phonebook';
import { createReach } from '../../src/routing';
import { MONDAY, PILOT, reader } from './support';

/** The pilot's phone book, and how often the dial plan was asked since the last look. */
async function warmed() {
  const store = await openDirectoryStore(':memory:');
  await importDirectory(store, PILOT);
  const reach = createReach(await loadDialPlan(join(__dirname, '../../dialplans'), { domain: 'palvelu.example' }));
  let asked = 0;
  const server = await createPhonebookServer({
    directory: await openLiveDirectory(store), reach: { mayDial: (...question) => { asked++; return reach.mayDial(...question); } }, now: () => MONDAY, log: { error: () => undefined } as never,
  }, {
    listen: ['http://127.0.0.1:0'], requestsPerSecond: 1000,
    readers: [{ ...reader(), identities: {}, networks: [], secret: 'ahtari-secret-0123456789' }, { ...reader({ name: 'gone', organisation: 'gone' }), identities: {}, networks: [], secret: 'gone-secret-0123456789' }],
  });
  return {
    server,
    asked: () => { const count = asked; asked = 0; return count; },
    folder: async (id: string) => (await (await fetch(`${server.urls[0]}/phonebook/ahtari-secret-0123456789/fi/api/folder?id=${id}`)).json()) as { folders: { id: string }[]; entries: object[] },
    async close() { await server.close(); await store.close(); },
  };
}

describe('a phone book that was made ready', () => {
  test('shows its first folders and those of its organisation without looking at any of their entries again', async () => {
    const { server, asked, folder, close } = await warmed();
    await server.warm();
    expect(asked()).toBeGreaterThan(0);
    const root = await folder('');
    expect(root.folders.length).toBeGreaterThan(2);
    for (const { id } of root.folders) await folder(id);
    expect((await folder('o_ahtari')).entries.length).toBeGreaterThan(0);
    expect(asked()).toBe(0);
    await close();
  });

  test('is the same for its reader as one that was not', async () => {
    const [warm, cold] = [await warmed(), await warmed()];
    await warm.server.warm();
    for (const id of ['', 'c_authorities', 'c_classes', 'o_ahtari']) expect(await warm.folder(id)).toEqual(await cold.folder(id));
    await Promise.all([warm.close(), cold.close()]);
  });
});
