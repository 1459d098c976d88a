import { chosen, type NameOf } from '../per';
import type { h245 } from '../schemas';

type Content<V, N> = V extends { readonly [K in N & string]: infer T } ? T : never;

/** Who takes which message. Returning false is the same as having no entry: the message is not supported. */
export type Takers<M> = { readonly [N in Exclude<NameOf<M>, '...'>]?: (content: Content<M, N>) => boolean | void };

export interface Routes {
  request: Takers<h245.RequestMessage>;
  response: Takers<h245.ResponseMessage>;
  command: Takers<h245.CommandMessage>;
  indication: Takers<h245.IndicationMessage>;
}

/** Hands the message to who takes it; whether somebody did. */
export function dispatch(routes: Routes, message: h245.MultimediaSystemControlMessage): boolean {
  if ('...' in message) return false;
  const kind = chosen(message) as keyof Routes;
  const content = (message as Record<string, Record<string, unknown>>)[kind]!;
  const name = chosen(content);
  const taker = (routes[kind] as Record<string, ((content: unknown) => boolean | void) | undefined>)[name];
  return taker !== undefined && taker(content[name]) !== false;
}
