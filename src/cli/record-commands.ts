import { InvalidArgumentError, type Command } from 'commander';
import { type AnyRecord, describeRecord, DirectoryError, type DirectoryRepository, kindOf, type KindName, type Membership } from '../directory';
import { assign, conditions, settable } from './assignments';
import type { CliContext } from './context';
import { addExamples } from './examples';
import { formatRecord, publicRecord, withDirectory } from './directory-access';
import { table } from '../table';

/** What makes the commands of one kind of record differ from those of another. */
export interface RecordCommands {
  /** The group's word on the command line: `org`. */
  command: string;
  kind: KindName;
  description: string;
  /** How the key is called in help: KEY, ADDRESS. */
  keyName: string;
  /** Columns of `list`; `name` stands for the first of the main languages. */
  columns: string[];
  examples: string[];
  /** Columns that `add` sets when nobody else does. */
  defaults?: Record<string, string>;
  /** Adds options to `add` and `set`. */
  options?(command: Command): Command;
  /** Reads what those options ask for; returns what is then made of a record before it is saved. */
  prepare?(options: Record<string, unknown>): Promise<(record: AnyRecord, before: AnyRecord) => AnyRecord>;
  /** Memberships of the record that those options ask for; saved with it, or neither is. */
  memberships?(key: string, options: Record<string, unknown>): Membership[];
  /** More to show about one record: for JSON and as text. */
  related?(directory: DirectoryRepository, key: string): Promise<{ data: AnyRecord; text: string }>;
}

const DEFAULT_LIMIT = 1000;

/** `list | show | add | set | remove` of one kind of record; returns the group for commands of its own. */
export function addRecordCommands(program: Command, context: CliContext, spec: RecordCommands): Command {
  const kind = kindOf(spec.kind);
  const key = `<${spec.keyName}>`;
  const keyField = kind.keyField ?? 'key';
  const columns = `\nColumns: ${settable(kind).join(', ')}`;
  const article = /^[aeiou]/.test(kind.name) ? 'an' : 'a';
  const group = program.command(spec.command).description(spec.description).addHelpText('after', columns);
  addExamples(group, spec.examples);
  const options = spec.options ?? ((command: Command) => command);

  group.command('list').description(`list ${kind.plural}, all or those with the given values`)
    .argument('[column=value...]', 'only records with these values')
    .option('--limit <n>', 'at most so many', wholeNumber, DEFAULT_LIMIT)
    .addHelpText('after', columns)
    .action((args: string[], { limit }: { limit: number }) => withDirectory(context, async (directory) => {
      const found = await directory.list(spec.kind, { where: conditions(kind, args), limit: limit + 1 }) as unknown as AnyRecord[];
      const records = found.slice(0, limit);
      context.print(records.map(publicRecord), () => table(spec.columns, records.map((record) => cells(spec, record))));
      if (found.length > limit) context.note(`The first ${limit} are shown; narrow the list with COLUMN=VALUE or raise --limit.`);
    }));

  group.command('show').description(`show one ${kind.name}`).argument(key)
    .action((given: string) => withDirectory(context, async (directory) => {
      const record = await existing(directory, spec.kind, given);
      const related = await spec.related?.(directory, String(record[keyField]));
      context.print({ ...publicRecord(record), ...related?.data }, () => [formatRecord(kind, record), related?.text].filter(Boolean).join('\n\n'));
    }));

  options(group.command('add').description(`add ${article} ${kind.name}`).argument(key).argument('[column=value...]', 'its columns')).addHelpText('after', columns)
    .action((given: string, args: string[], own: Record<string, unknown>) => withDirectory(context, async (directory) => {
      const finish = await spec.prepare?.(own) ?? ((record: AnyRecord) => record);
      const defaults = Object.entries(spec.defaults ?? {}).filter(([column]) => !args.some((arg) => arg.startsWith(`${column}=`)));
      const all = [...args, ...defaults.map(([column, value]) => `${column}=${value}`)];
      const added = canonical(spec.kind, given);
      await directory.add(spec.kind, finish(assign(kind, { [keyField]: given }, all), {}) as never, spec.memberships?.(added, own));
      context.print({ result: 'added', kind: kind.name, key: added }, () => `${kind.name} ${added} added`);
    }));

  options(group.command('set').description(`change ${article} ${kind.name}; COLUMN= clears a column`).argument(key).argument('[column=value...]', 'columns and their new values'))
    .addHelpText('after', columns)
    .action((given: string, args: string[], own: Record<string, unknown>) => withDirectory(context, async (directory) => {
      const found = String((await existing(directory, spec.kind, given))[keyField]);
      const finish = await spec.prepare?.(own) ?? ((record: AnyRecord) => record);
      const result = await directory.update(spec.kind, found, (before) => {
        const record = before as unknown as AnyRecord;
        return finish(assign(kind, record, args), record) as never;
      }, spec.memberships?.(found, own));
      context.print({ result, kind: kind.name, key: found }, () => `${kind.name} ${found} ${result}`);
    }));

  group.command('remove').description(`remove ${article} ${kind.name}`).argument(key)
    .option('--cascade', 'remove what depends on it too, and clear other references to it')
    .action((given: string, { cascade }: { cascade?: boolean }) => withDirectory(context, async (directory) => {
      const found = String((await existing(directory, spec.kind, given))[keyField]);
      const removed = await directory.remove(spec.kind, found, { cascade });
      context.print({ removed }, () => removed.map((one) => `${one.kind} ${one.key} removed`).join('\n'));
    }));

  return group;
}

/** A key as it is stored: capitals and, in addresses, ä and ö are folded. What is no key stays as it is. */
function canonical(name: KindName, given: string): string {
  const kind = kindOf(name);
  return (kind.fields[kind.keyField ?? '']?.type.read(given, () => undefined) as string | undefined) ?? given;
}

/** The record of a key as people write it. */
export async function existing(directory: DirectoryRepository, name: KindName, given: string): Promise<AnyRecord> {
  const record = await directory.get(name, canonical(name, given));
  if (!record) throw new DirectoryError('directory-unknown', name, given, [{ field: '', reason: 'there is none of this key' }], 'See what there is with "list", or look for it with "etasilta directory search".');
  return record as unknown as AnyRecord;
}

function cells({ columns, kind }: RecordCommands, record: AnyRecord): (string | undefined)[] {
  const texts = describeRecord(kindOf(kind), record);
  const name = ['name_fi', 'name_sv', 'name_en'].map((column) => texts.get(column)).find((text) => text !== undefined) ?? texts.get('name');
  return columns.map((column) => (column === 'name' ? name : texts.get(column)));
}

export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('a whole number from 1 is needed');
  return Number(text);
}
