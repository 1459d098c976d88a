import { chosen, type NameOf } from '../per';
import type { h245 } from '../schemas';

type Content<V, N> = V extends { readonly [K in N & string]: infer T } ? T : never;

/** Who takes which message in a session, `S`. Returning false is the same as having no entry: the message is not supported. */
export type Takers<M, S> = { readonly [N in Exclude<NameOf<M>, '...'>]?: (content: Content<M, N>, session: S) => boolean | void };

export interface Routes<S> {
  request: Takers<h245.RequestMessage, S>;
  response: Takers<h245.ResponseMessage, S>;
  command: Takers<h245.CommandMessage, S>;
  indication: Takers<h245.IndicationMessage, S>;
}

/** Hands the message to who takes it; whether somebody did. */
export function dispatch<S>(routes: Routes<S>, session: S, message: h245.MultimediaSystemControlMessage): boolean {
  if ('...' in message) return false;
  const kind = chosen(message) as keyof Routes<S>;
  const content = (message as Record<string, Record<string, unknown>>)[kind]!;
  const name = chosen(content);
  const taker = (routes[kind] as Record<string, ((content: unknown, session: S) => boolean | void) | undefined>)[name];
  return taker !== undefined && taker(content[name], session) !== false;
}
