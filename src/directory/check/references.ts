import { type Kysely, sql } from 'kysely';
import { fieldsOf, KINDS, kindOf } from '../kinds';
import { columnOf, keyColumnOf } from '../rows';
import type { DirectoryDatabase } from '../schema';
import type { Finding } from './finding';

/** References to records that do not exist. The schema allows none; a database edited without its rules may have some. */
export async function danglingReferences(db: Kysely<DirectoryDatabase>, limit: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const kind of KINDS) {
    for (const [field, { refersTo }] of fieldsOf(kind)) {
      if (!refersTo) continue;
      const target = kindOf(refersTo);
      const [table, key, column] = field === 'devices' ? ['person_devices', 'person', 'device'] : [kind.plural, keyColumnOf(kind), columnOf(field)];
      const { rows } = await sql<{ key: string; missing: string }>`
        select ${sql.ref(`own.${key}`)} as key, ${sql.ref(`own.${column}`)} as missing
        from ${sql.table(table)} as own left join ${sql.table(target.plural)} as target on ${sql.ref(`target.${keyColumnOf(target)}`)} = ${sql.ref(`own.${column}`)}
        where ${sql.ref(`own.${column}`)} is not null and ${sql.ref(`target.${keyColumnOf(target)}`)} is null limit ${limit}`.execute(db);
      for (const row of rows) {
        findings.push({
          severity: 'error', code: 'dangling-reference', kind: kind.name, key: row.key,
          what: `${field} names ${refersTo} ${row.missing}, which does not exist`,
          hint: `Add ${refersTo} ${row.missing}, or change or remove this ${kind.name}.`,
        });
      }
    }
  }
  return findings;
}
