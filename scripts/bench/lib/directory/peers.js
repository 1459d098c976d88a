'use strict';
// The peers: SQLite's full-text index FTS5 with prefix indexes, ranked by bm25 and in the order of its rows, and a scan with LIKE; over
// the same texts, folded the same way, through the same SQLite. None of them tolerates typos.
const fs = require('node:fs');
const path = require('node:path');
const { Database } = require('sqlite3');
const { foldLetters } = require('../../../../dist/addressing');
const { measureSearches } = require('./measure');

const LIMIT = 20;
/** A scan takes so long that fewer queries have to do. */
const SCANNED = 5;

const call = (database, method, ...args) => new Promise((resolve, reject) => {
  database[method](...args, (error, result) => (error ? reject(error) : resolve(result)));
});

const TEXTS = `
  select s.address || ' ' || s.names || ' ' || o.names || ' ' || coalesce(s.aliases, '') || ' ' || coalesce(s.numeric_alias, '') as words
    from services s join organisations o on o.key = s.organisation
  union all select d.address || ' ' || coalesce(d.names, '') || ' ' || t.names || ' ' || o.names || ' ' || coalesce(d.e164, '')
    from devices d join sites t on t.key = d.site join organisations o on o.key = t.organisation
  union all select p.name || ' ' || coalesce(p.title, '') || ' ' || coalesce(t.names, '') || ' ' || o.names
    from persons p left join sites t on t.key = p.site join organisations o on o.key = p.organisation`;

const wordsOf = (text) => foldLetters(text).match(/[\p{L}\p{N}]+/gu) ?? [];

async function fill(database, folder) {
  await call(database, 'exec', `pragma journal_mode = off; pragma synchronous = off; attach '${path.join(folder, 'directory.sqlite')}' as directory`);
  await call(database, 'exec', "create virtual table fts using fts5(words, tokenize = \"unicode61 remove_diacritics 2\", prefix = '1 2 3')");
  await call(database, 'exec', `insert into fts(words) ${TEXTS}; insert into fts(fts) values ('optimize')`);
  await call(database, 'exec', 'create table plain(words text); insert into plain select words from fts');
}

async function main(folder) {
  const queries = JSON.parse(fs.readFileSync(path.join(folder, 'queries.json'), 'utf8'));
  const database = new Database(path.join(folder, 'peers.sqlite'));
  await fill(database, folder);
  const prepared = (sql) => database.prepare(sql);
  const ranked = prepared(`select rowid from fts where fts match ? order by rank limit ${LIMIT}`);
  const unranked = prepared(`select rowid from fts where fts match ? limit ${LIMIT}`);
  const match = (text) => wordsOf(text).map((word) => `"${word}"*`).join(' ');
  const few = Object.fromEntries(Object.entries(queries).map(([sort, texts]) => [sort, texts.slice(0, SCANNED)]));
  const scan = (text) => {
    const words = wordsOf(text);
    const sql = `select rowid from plain where ${words.map(() => 'words like ?').join(' and ')} limit ${LIMIT}`;
    return call(database, 'all', sql, words.map((word) => `%${word}%`));
  };
  console.log(JSON.stringify({
    'FTS5 bm25': await measureSearches(few, (text) => call(ranked, 'all', match(text))),
    'FTS5 unranked': await measureSearches(queries, (text) => call(unranked, 'all', match(text))),
    'LIKE scan': await measureSearches(few, scan),
  }));
  for (const statement of [ranked, unranked]) await call(statement, 'finalize');
  await call(database, 'close');
}

void main(process.argv[2]);
