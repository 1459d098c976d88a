// Changes a directory from a process of its own: `node -r test/support/typescript.js THIS FOLDER`, one JSON command a line,
// answered by "done" when the change is committed.
import { createInterface } from 'node:readline';
import { DirectoryRepository, openDirectoryStore, type KindName, type RecordOf } from '../../src/directory';

type Command = { put: [KindName, RecordOf[KindName]] } | { remove: [KindName, string] };

async function main(folder: string): Promise<void> {
  const store = await openDirectoryStore(folder);
  const repository = new DirectoryRepository(store);
  for await (const line of createInterface(process.stdin)) {
    const command = JSON.parse(line) as Command;
    if ('put' in command) await repository.put(...command.put);
    else await repository.remove(...command.remove, { cascade: true });
    process.stdout.write('done\n');
  }
  await store.close();
}

void main(process.argv[2] ?? '');
