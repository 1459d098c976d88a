import type { Migration } from '../../store';
import { up as directory } from './0001-directory';
import { up as roomPins } from './0002-room-pins';
import { up as formerAddresses } from './0003-former-addresses';
import { up as importedRecords } from './0004-imported-records';
import { up as formerNumbers } from './0005-former-numbers';
import { up as importPositions } from './0006-import-positions';
import { up as changeStamps } from './0007-change-stamps';

/** Steps of the schema of `directory.sqlite`, oldest first. */
export const MIGRATIONS: readonly Migration[] = [
  { id: 1, name: 'directory', up: directory },
  { id: 2, name: 'room-pins', up: roomPins },
  { id: 3, name: 'former-addresses', up: formerAddresses },
  { id: 4, name: 'imported-records', up: importedRecords },
  { id: 5, name: 'former-numbers', up: formerNumbers },
  { id: 6, name: 'import-positions', up: importPositions },
  { id: 7, name: 'change-stamps', up: changeStamps },
];
