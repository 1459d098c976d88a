// H.235.0 (09/2005): values with their cryptographic protection, the parameterized types of the standard.
import { bitString, OBJECT_IDENTIFIER, octetString, sequence, type Infer, type Schema } from '../../per';
import { Params } from './values';

/** ENCRYPTED{}: what is encrypted is known to those who hold the key. */
export const Encrypted = sequence({
  algorithmOID: OBJECT_IDENTIFIER,
  paramS: Params,
  encryptedData: octetString(),
});
export type Encrypted = Infer<typeof Encrypted>;

/** HASHED{}: the hash of a value that travels elsewhere. */
export const Hashed = sequence({
  algorithmOID: OBJECT_IDENTIFIER,
  paramS: Params,
  hash: bitString(),
});
export type Hashed = Infer<typeof Hashed>;

/** SIGNED{}: a value with its signature. */
export const signed = <T>(toBeSigned: Schema<T>) => sequence({
  toBeSigned,
  algorithmOID: OBJECT_IDENTIFIER,
  paramS: Params,
  signature: bitString(),
});
