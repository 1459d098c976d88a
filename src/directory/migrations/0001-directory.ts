import { type Kysely, sql } from 'kysely';

type Columns = Parameters<Parameters<ReturnType<Kysely<unknown>['schema']['createTable']>['addForeignKeyConstraint']>[4] & object>[0];
const deferred = (constraint: Columns): Columns => constraint.deferrable().initiallyDeferred();
const cascade = (constraint: Columns): Columns => constraint.onDelete('cascade').deferrable().initiallyDeferred();

/** References are checked at commit, so that one transaction may write records in any order. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;

  await schema.createTable('organisations')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('business_id', 'text')
    .addColumn('oid', 'text')
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('names', 'text', (c) => c.notNull())
    .addColumn('domain', 'text', (c) => c.notNull())
    .addColumn('parent', 'text')
    .addColumn('municipality', 'text')
    .addColumn('sample', 'integer')
    .addForeignKeyConstraint('organisations_parent', ['parent'], 'organisations', ['key'], deferred)
    .execute();
  await schema.createIndex('organisations_by_parent').on('organisations').column('parent').execute();

  await schema.createTable('sites')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('organisation', 'text', (c) => c.notNull())
    .addColumn('names', 'text', (c) => c.notNull())
    .addColumn('municipality', 'text')
    .addColumn('address', 'text')
    .addColumn('media', 'text')
    .addForeignKeyConstraint('sites_organisation', ['organisation'], 'organisations', ['key'], deferred)
    .execute();
  await schema.createIndex('sites_by_organisation').on('sites').column('organisation').execute();

  await schema.createTable('devices')
    .addColumn('address', 'text', (c) => c.primaryKey())
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('names', 'text')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('model', 'text')
    .addColumn('h323_id', 'text')
    .addColumn('e164', 'text')
    .addColumn('credentials', 'text')
    .addColumn('enabled', 'integer', (c) => c.notNull())
    .addForeignKeyConstraint('devices_site', ['site'], 'sites', ['key'], deferred)
    .execute();
  await schema.createIndex('devices_by_site').on('devices').column('site').execute();

  await schema.createTable('services')
    .addColumn('address', 'text', (c) => c.primaryKey())
    .addColumn('organisation', 'text', (c) => c.notNull())
    .addColumn('languages', 'text', (c) => c.notNull())
    .addColumn('names', 'text', (c) => c.notNull())
    .addColumn('description', 'text')
    .addColumn('kind', 'text')
    .addColumn('numeric_alias', 'text')
    .addColumn('aliases', 'text')
    .addColumn('plan', 'text', (c) => c.notNull())
    .addColumn('overflow', 'text')
    .addColumn('hours', 'text')
    .addColumn('joins', 'integer')
    .addColumn('hidden', 'integer')
    .addColumn('enabled', 'integer', (c) => c.notNull())
    .addForeignKeyConstraint('services_organisation', ['organisation'], 'organisations', ['key'], deferred)
    .execute();
  await schema.createIndex('services_by_organisation').on('services').column('organisation').execute();
  await schema.createIndex('services_by_overflow').on('services').column('overflow').where('overflow', 'is not', null).execute();

  await schema.createTable('persons')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('organisation', 'text', (c) => c.notNull())
    .addColumn('site', 'text')
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('email', 'text')
    .addColumn('title', 'text')
    .addColumn('roles', 'text', (c) => c.notNull())
    .addColumn('languages', 'text', (c) => c.notNull())
    .addColumn('skills', 'text', (c) => c.notNull())
    .addColumn('devices', 'text', (c) => c.notNull())
    .addColumn('enabled', 'integer', (c) => c.notNull())
    .addForeignKeyConstraint('persons_organisation', ['organisation'], 'organisations', ['key'], deferred)
    .addForeignKeyConstraint('persons_site', ['site'], 'sites', ['key'], deferred)
    .execute();
  await schema.createIndex('persons_by_organisation').on('persons').column('organisation').execute();
  await schema.createIndex('persons_by_site').on('persons').column('site').where('site', 'is not', null).execute();

  await schema.createTable('person_devices')
    .addColumn('person', 'text', (c) => c.notNull())
    .addColumn('device', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('person_devices_pair', ['person', 'device'])
    .addForeignKeyConstraint('person_devices_person', ['person'], 'persons', ['key'], cascade)
    .addForeignKeyConstraint('person_devices_device', ['device'], 'devices', ['address'], deferred)
    .execute();
  await schema.createIndex('person_devices_by_device').on('person_devices').column('device').execute();

  await schema.createTable('memberships')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('service', 'text', (c) => c.notNull())
    .addColumn('device', 'text')
    .addColumn('person', 'text')
    .addColumn('group_name', 'text', (c) => c.notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .addForeignKeyConstraint('memberships_service', ['service'], 'services', ['address'], deferred)
    .addForeignKeyConstraint('memberships_device', ['device'], 'devices', ['address'], deferred)
    .addForeignKeyConstraint('memberships_person', ['person'], 'persons', ['key'], deferred)
    .addCheckConstraint('memberships_one_member', sql`(device is null) <> (person is null)`)
    .execute();
  await schema.createIndex('memberships_by_service').on('memberships').column('service').execute();
  await schema.createIndex('memberships_by_device').on('memberships').column('device').where('device', 'is not', null).execute();
  await schema.createIndex('memberships_by_person').on('memberships').column('person').where('person', 'is not', null).execute();

  await schema.createTable('addresses')
    .addColumn('space', 'text', (c) => c.notNull())
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('owner_kind', 'text', (c) => c.notNull())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('addresses_one_owner', ['space', 'address'])
    .execute();
  await schema.createIndex('addresses_by_owner').on('addresses').columns(['owner_kind', 'owner']).execute();

  // PostgreSQL's identity column never gives a number twice, and neither does SQLite's with AUTOINCREMENT.
  await schema.createTable('changes')
    .addColumn('revision', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .execute();
}
