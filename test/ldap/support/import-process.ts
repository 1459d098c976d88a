// A process of its own that imports an LDIF FILE by a MAPPING into DATA-DIR and tells its parent when some of it has been read.
import { openDirectoryStore } from '../../../src/directory';
import { importLdap, readMapping } from '../../../src/ldap';

const [dataDir = '', file = '', mapping = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const store = await openDirectoryStore(dataDir);
  await importLdap(store, file, await readMapping(mapping), { onProgress: ({ done }) => { if (done >= 2000) process.send?.('under way'); } });
  await store.close();
  process.disconnect();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
