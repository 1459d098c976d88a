import { stringify } from 'yaml';
import { z } from 'zod';
import { unwrap } from './unwrap';
import { configSchema } from './schema';

const HEADER = `# Etäsilta's configuration. Every setting is shown with its default, commented out: remove the "# " to change it.
# Each can also be set by the environment: sip.tls.certFile is ETASILTA_SIP_TLS_CERT_FILE.
`;

/** A commented configuration with every setting, made from the schema so that it can never be behind it. */
export function configTemplate(): string {
  const lines: string[] = [HEADER];
  const walk = (shape: Record<string, z.ZodType>, depth: number): void => {
    for (const [key, schema] of Object.entries(shape)) {
      const indent = '  '.repeat(depth);
      const inner = unwrap(schema);
      lines.push(`${indent}# ${schema.description ?? ''}${choices(inner)}`);
      if (inner instanceof z.ZodObject && !(schema instanceof z.ZodOptional)) {
        lines.push(`${indent}${key}:`);
        walk(inner.shape as Record<string, z.ZodType>, depth + 1);
      } else {
        lines.push(...example(key, schema, inner).map((line) => `${indent}# ${line}`));
      }
      if (depth === 0) lines.push('');
    }
  };
  walk(configSchema.shape, 0);
  return lines.join('\n').replace(/[ \t]+$/gm, '');
}

const choices = (schema: z.ZodType): string => (schema instanceof z.ZodEnum ? ` (${schema.options.join(' | ')})` : '');

function example(key: string, schema: z.ZodType, inner: z.ZodType): string[] {
  if (schema instanceof z.ZodDefault) return stringify({ [key]: schema.def.defaultValue as unknown }).trimEnd().split('\n');
  if (inner instanceof z.ZodObject) {
    return [`${key}:`, ...Object.entries(inner.shape as Record<string, z.ZodType>).map(([name, field]) => `  ${name}:   # ${field.description ?? ''}`)];
  }
  return [`${key}:`];
}
