// A process of its own that makes the directory of FOLDER ready and prints what a query finds: `node -r test/support/typescript.js
// THIS FOLDER QUERY`. Faults of the kept index go to stderr, by code.
import { openDirectoryStore } from '../../src/directory';
import { warmed } from './answers';

async function main(folder: string, query: string): Promise<void> {
  const store = await openDirectoryStore(folder);
  const { live, faults } = await warmed(store);
  console.log(JSON.stringify((await live.search(query)).map(({ key }) => key)));
  for (const { code } of faults) console.error(code);
  await store.close();
}

const [folder = '', query = ''] = process.argv.slice(2);
void main(folder, query);
