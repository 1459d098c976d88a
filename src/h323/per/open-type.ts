import { Fault } from './fault';
import { unfit, type Schema } from './schema';

/** An open type whose content the caller decodes: the octets of a complete encoding. */
export const OPEN_TYPE: Schema<Buffer> = {
  form: { kind: 'open type' },
  read: (reader) => reader.sized(),
  write(writer, value) {
    if (!(value instanceof Uint8Array) || value.length === 0) throw unfit('the octets of an encoding', value);
    writer.sized(value);
  },
};

/** An open type that always holds the same type: `TYPE-IDENTIFIER.&Type(X)`. */
export const openType = <T>(schema: Schema<T>): Schema<T> => ({
  form: { kind: 'open type', containing: schema },
  read: (reader) => reader.open(schema),
  write: (writer, value) => writer.open(schema, value),
});

/** A type that refers to itself, directly or through others: the depth of its values is bounded (`DecodeLimits.maxDepth`). */
export function reference<T>(name: string, target: () => Schema<T>): Schema<T> {
  return {
    form: { kind: 'reference', name, target: target as () => Schema<unknown> },
    read(reader) {
      if (reader.depthLeft === 0) throw new Fault('per-limit', `${name} is nested too deep`);
      reader.depthLeft--;
      const value = target().read(reader);
      reader.depthLeft++;
      return value;
    },
    write(writer, value) {
      if (writer.depthLeft === 0) throw new Fault('per-limit', `${name} is nested too deep`);
      writer.depthLeft--;
      target().write(writer, value);
      writer.depthLeft++;
    },
  };
}
