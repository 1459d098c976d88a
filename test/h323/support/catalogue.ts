import type { Schema } from '../../../src/h323/per';
import * as namespaces from '../../../src/h323/schemas';

/** A schema of the standards by the name that it has in this program, with the standard's letter in front: `H225-SetupUUIE`. */
export const CATALOGUE: Readonly<Record<string, Schema<unknown>>> = Object.fromEntries(
  Object.entries(namespaces).flatMap(([namespace, members]) => Object.entries(members)
    .filter((member): member is [string, Schema<unknown>] => typeof member[1] === 'object' && 'form' in member[1])
    .map(([name, schema]) => [`${namespace.toUpperCase()}-${name}`, schema])));
