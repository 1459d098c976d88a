// A process of its own that imports FILE into DATA-DIR and tells its parent when some of it has been read.
import { openDirectoryStore } from '../../src/directory';
import { importDirectory } from '../../src/directory/exchange';

const [dataDir = '', file = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const store = await openDirectoryStore(dataDir);
  await importDirectory(store, file, { onProgress: ({ done }) => { if (done >= 2000) process.send?.('under way'); } });
  await store.close();
  process.disconnect();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
