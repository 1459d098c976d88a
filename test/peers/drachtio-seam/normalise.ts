import { headerOf, readMessage, tagOf, type RawMessage } from './message';

/** Where the parties of one run are; their names replace the addresses. */
export interface Places {
  server: string;
  caller: string;
  callee: string;
}

/**
 * A message as it compares between two runs: addresses by name, what a stack draws at random (branches, tags, Call-IDs,
 * CSeq numbers, transaction ids) by order of appearance, headers sorted by name, spelling of names ignored.
 */
export class Normaliser {
  private readonly names = new Map<string, string>();
  private readonly counts = new Map<string, number>();
  private readonly firstCseq = new Map<string, number>();

  constructor(private readonly places: Places) {}

  message(text: string): string[] {
    const message = readMessage(text);
    return [this.withPlaces(message.startLine), ...message.headers.flatMap(oneValueEach).map(([name, value]) => this.header(name, value, message)).sort(),
      ...(message.body ? [`body: ${message.body.replace(/\r\n/g, '|')}`] : [])];
  }

  private header(name: string, value: string, message: RawMessage): string {
    // Each direction of a dialog counts on its own (RFC 3261 section 12.2.1.1).
    const direction = `${headerOf(message, 'call-id')} ${tagOf(headerOf(message, 'from'))}`;
    switch (name) {
      case 'call-id': return `call-id: ${this.alias('call', value)}`;
      case 'cseq': return `cseq: ${this.cseq(direction, value)}`;
      case 'rack': return `rack: ${this.rack(direction, value)}`;
      case 'rseq': return `rseq: ${this.relative(`${direction} rseq`, Number(value))}`;
      case 'authorization': return `authorization: ${this.withPlaces(value).replace(/,\s*/g, ', ').replace(/response="[^"]*"/, 'response="..."')}`;
      case 'content-length': return `content-length: ${Number(value)}`;
      default: return `${name}: ${this.withPlaces(this.parameters(value))}`;
    }
  }

  /** Random parameters by name; the order of parameters says nothing (RFC 3261 section 7.3.1). */
  private parameters(value: string): string {
    const named = value.replace(/;\s*tag=([^;\s,>]+)/g, (_, tag: string) => `;tag=${this.alias('tag', tag)}`)
      .replace(/;\s*branch=([^;\s,>]+)/g, (_, branch: string) => `;branch=${this.alias('branch', branch)}`)
      .replace(/;\s*pd=([^;\s,>]+)/g, (_, mark: string) => `;pd=${this.alias('mark', mark)}`)
      .replace(/;\s*received=127\.0\.0\.1/g, '').replace(/;\s*rport(=\d+)?/g, ';rport');
    const uriEnd = named.lastIndexOf('>') + 1;
    const [first = '', ...parameters] = named.slice(uriEnd).split(';');
    return named.slice(0, uriEnd) + [first.trim(), ...parameters.map((parameter) => parameter.trim()).sort()].join(';');
  }

  private withPlaces(value: string): string {
    const { server, caller, callee } = this.places;
    return value.split(server).join('SERVER').split(caller).join('CALLER').split(callee).join('CALLEE');
  }

  private cseq(direction: string, value: string): string {
    const [number, method] = value.split(/\s+/);
    return `${this.relative(direction, Number(number))} ${method}`;
  }

  private rack(direction: string, value: string): string {
    const [rseq, cseq, method] = value.split(/\s+/);
    return `${this.relative(`${direction} rseq`, Number(rseq))} ${this.relative(direction, Number(cseq))} ${method}`;
  }

  private relative(key: string, number: number): string {
    if (!this.firstCseq.has(key)) this.firstCseq.set(key, number);
    const distance = number - this.firstCseq.get(key)!;
    return distance === 0 ? 'n' : `n${distance > 0 ? '+' : ''}${distance}`;
  }

  private alias(kind: string, value: string): string {
    const known = this.names.get(`${kind} ${value}`);
    if (known) return known;
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    const name = `${kind}${count}`;
    this.names.set(`${kind} ${value}`, name);
    return name;
  }
}

/** Contacts in one line or in several say the same (RFC 3261 section 7.3.1). */
const oneValueEach = ([name, value]: [string, string]): [string, string][] =>
  name === 'contact' ? value.split(/,\s*(?=<)/).map((contact) => [name, contact]) : [[name, value]];
