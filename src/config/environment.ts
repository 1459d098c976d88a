import { parse } from 'yaml';
import { z } from 'zod';
import { configSchema } from './schema';
import { unwrap } from './unwrap';

interface EnvSetting {
  path: string[];
  /** The variable's text as the setting's value; what it may be is checked with everything else. */
  parse: (text: string) => unknown;
}

/** Every setting's environment variable: `sip.tls.certFile` is `ETASILTA_SIP_TLS_CERT_FILE`. */
export function envNames(): Map<string, EnvSetting> {
  const names = new Map<string, EnvSetting>();
  const walk = (schema: z.ZodType, at: string[]): void => {
    const inner = unwrap(schema);
    if (inner instanceof z.ZodObject) {
      for (const [key, child] of Object.entries(inner.shape)) walk(child as z.ZodType, [...at, key]);
      return;
    }
    const name = `ETASILTA_${at.join('.').replace(/([a-z])([A-Z])/g, '$1_$2').replace(/\./g, '_').toUpperCase()}`;
    names.set(name, { path: at, parse: parserFor(inner) });
  };
  walk(configSchema, []);
  return names;
}

function parserFor(schema: z.ZodType): (text: string) => unknown {
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return (text) => text;
  if (schema instanceof z.ZodArray && unwrap(schema.element as z.ZodType) instanceof z.ZodString) {
    return (text) => text.split(/\s+/).filter(Boolean);
  }
  // Numbers, truth values, and lists of mappings as YAML (which JSON is part of).
  return (text) => {
    try {
      return parse(text) as unknown;
    } catch {
      return text;
    }
  };
}
