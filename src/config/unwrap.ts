import { z } from 'zod';

/** The schema behind its default or optional wrapper. */
export function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional || inner instanceof z.ZodPrefault) inner = inner.def.innerType as z.ZodType;
  return inner;
}
