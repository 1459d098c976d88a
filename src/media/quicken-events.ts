import Event, { type EventFields } from 'drachtio-modesl/lib/esl/Event';
import Parser, { type EventParser } from 'drachtio-modesl/lib/esl/Parser';

const { _parseEvent: parseAnyEvent } = Parser.prototype;

/**
 * Gives drachtio-modesl's parser of event sockets methods that do the same in a fraction of the time: its own look through all headers of an
 * event for each of them, and an event of a channel has a hundred.
 */
export function quickenEvents(): void {
  Object.assign(Parser.prototype, { _indexOfHeaderEnd: indexOfHeaderEnd, _parseHeaderText: parseHeaderText, _parseEvent: parseEvent });
}

function indexOfHeaderEnd(this: EventParser): number {
  return this.buffer.indexOf('\n\n');
}

/** Rows of `name: value`, the values URL-encoded. */
function parseHeaderText(text: string): EventFields {
  const fields: EventFields = {};
  for (const row of text.split('\n')) {
    const end = row.indexOf(': ');
    const name = end === -1 ? row : row.slice(0, end);
    const encoded = end === -1 ? '' : row.slice(end + 2);
    const value = encoded.includes('%') ? decodeURIComponent(encoded) : encoded;
    fields[name] = name === 'Content-Length' ? parseInt(value, 10) : value;
  }
  return fields;
}

/** Tells a message of the socket: a reply, whose headers are all there is to it, or an event in its body. */
function parseEvent(this: EventParser, headers: EventFields, body?: string): void {
  const type = headers['Content-Type'];
  const fields = type === 'text/event-json' ? fieldsOf(body) : headers;
  if (fields === undefined || type === 'text/event-plain' || type === 'text/event-xml') return parseAnyEvent.call(this, headers, body);
  const { _body: bodyOfEvent, ...rest } = fields;
  const event = Object.assign(new Event(), {
    type: fields['Event-Name'], subclass: fields['Event-Subclass'], body: (fields === headers && body) || bodyOfEvent || '',
    headers: Object.keys(rest).map((name) => ({ name, value: rest[name] })),
  });
  const reply = fields['Reply-Text'];
  if (typeof reply === 'string' && reply.startsWith('-ERR')) event.addHeader('Modesl-Reply-ERR', reply.substring(5));
  else if (typeof reply === 'string' && reply.startsWith('+OK')) event.addHeader('Modesl-Reply-OK', reply.substring(4));
  this.emit('esl::event', event, headers, body);
}

/** Undefined for what is no event. */
function fieldsOf(json: string | undefined): EventFields | undefined {
  try {
    const fields = JSON.parse(json ?? '') as EventFields;
    if (typeof fields !== 'object') return undefined;
    if (fields['Content-Length']) fields['Content-Length'] = parseInt(String(fields['Content-Length']), 10);
    return fields;
  } catch {
    return undefined;
  }
}
