import { Fault, within } from './fault';
import type { PerReader } from './reader';
import { unfit, type Bounds, type Schema } from './schema';
import { lengthRange } from './strings';
import type { PerWriter } from './writer';

/** SEQUENCE OF, with SIZE bounds: `(Element)` any number, `(Element, 1, 256)` bounded. */
export const sequenceOf = <T>(element: Schema<T>, min = 0, max?: number): Schema<T[]> => list('SEQUENCE OF', element, { min, max });

/** SET OF; PER keeps the order in which its elements were given. */
export const setOf = <T>(element: Schema<T>, min = 0, max?: number): Schema<T[]> => list('SET OF', element, { min, max });

function list<T>(kind: 'SEQUENCE OF' | 'SET OF', element: Schema<T>, size: Bounds): Schema<T[]> {
  const range = lengthRange(size);

  function readElements(reader: PerReader, into: T[], count: number): void {
    reader.spendElements(count);
    const first = into.length;
    try {
      for (let i = 0; i < count; i++) into.push(element.read(reader));
    } catch (thrown) {
      throw within(thrown, Math.max(first, into.length));
    }
  }

  function writeElements(writer: PerWriter, value: readonly T[], from: number, to: number): void {
    let i = from;
    try {
      for (; i < to; i++) element.write(writer, value[i]!);
    } catch (thrown) {
      throw within(thrown, i);
    }
  }

  return {
    form: { kind, of: element, size },
    read(reader) {
      const value: T[] = [];
      if (range !== undefined) {
        readElements(reader, value, reader.constrained(size.min, range));
        return value;
      }
      let count = reader.length();
      for (; count < 0; count = reader.length()) readElements(reader, value, -count);
      readElements(reader, value, count);
      if (value.length < size.min) throw new Fault('per-invalid', `${value.length} elements, at least ${size.min} are required`);
      return value;
    },
    write(writer, value) {
      if (!Array.isArray(value)) throw unfit('an array', value);
      if (value.length < size.min || (size.max !== undefined && value.length > size.max)) {
        throw new Fault('per-value', `${value.length} elements, allowed are ${size.min} to ${size.max ?? 'any number'}`);
      }
      if (range !== undefined) {
        writer.constrained(value.length, size.min, range);
        writeElements(writer, value, 0, value.length);
      } else {
        writer.fragments(value.length, (from, to) => writeElements(writer, value, from, to));
      }
    },
  };
}
