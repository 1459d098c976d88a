// A process of its own: opens FILE while others open it too, makes its schema and writes COUNT rows one by one.
import { openStore } from '../../src/store';

const [file = '', count = '0'] = process.argv.slice(2);

async function main(): Promise<void> {
  const store = await openStore<{ items: { id: number; name: string } }>(file, [{
    id: 1,
    name: 'items',
    up: (db) => db.schema.createTable('items').addColumn('id', 'integer', (c) => c.primaryKey()).addColumn('name', 'text', (c) => c.notNull().unique()).execute(),
  }]);
  for (let i = 0; i < Number(count); i++) {
    await store.db.insertInto('items').values({ id: process.pid * 1000 + i, name: `${process.pid}-${i}` }).execute();
  }
  await store.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
