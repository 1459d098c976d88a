import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { parseDn } from '../dn';
import { LdapError } from '../errors';
import { compareBy, evaluate, normaliserOf, type TypedFilter, typedFilter } from '../matching';
import { type Control, RESULT, type Result, type ResponseControl, type ResultCode, type SearchRequest, SUCCESS } from '../protocol';
import { attributeDescription, knownType, matchingRule } from '../schema';
import { type Attribute, type Entry, type ReadableTree, type Step, SUBSCHEMA_DN } from '../tree';
import type { Operation, ServerContext } from './context';
import { pagedResultsResponse, searchControls, type SearchControls, type SortKey, sortResponse } from './controls';
import { devicePasswords } from './device-passwords';
import { type FixedEntry, rootDse, SUBSCHEMA_ENTRY } from './fixed-entries';
import type { Identity } from './identity';
import { attributeOf, Selection, type Shown } from './selection';

/** How long one search may hold the process before others get their turn, ms. */
const SLICE_MS = 4;
const CHECK_EVERY = 32;

/** What a search needs of its connection. */
export interface SearchPort {
  identity: Identity;
  startTls: boolean;
  external: boolean;
  pages: PageStore;
  send(entry: Shown, selection: Selection, typesOnly: boolean, more: readonly Attribute[]): void;
  /** Resolves when the client has taken enough of what was sent. */
  drained(): Promise<void> | undefined;
  readable(): Promise<ReadableTree>;
}

/** How far a search has come. */
interface Page {
  steps: Iterator<Step>;
  examined: number;
  given: number;
}

/** A search that waits for the request for its next page. */
interface WaitingPage extends Page {
  /** What was asked; the next page is for the same question only. */
  question: string;
}

/** Searches that wait for their next page; the oldest makes room. */
export class PageStore {
  private readonly pages = new Map<string, WaitingPage>();

  constructor(private readonly max: number) {}

  keep(page: WaitingPage): string {
    const [oldest] = this.pages.keys();
    if (oldest !== undefined && this.pages.size >= this.max) this.pages.delete(oldest);
    const cookie = randomBytes(8).toString('latin1');
    this.pages.set(cookie, page);
    return cookie;
  }

  take(cookie: string): WaitingPage | undefined {
    const page = this.pages.get(cookie);
    this.pages.delete(cookie);
    return page;
  }

  clear(): void {
    this.pages.clear();
  }
}

export interface Answer extends Result {
  controls?: ResponseControl[];
}

/** Answers a search: entries through `port`, the end as its result. Throws LdapError. */
export async function search(request: SearchRequest, controls: readonly Control[], operation: Operation, context: ServerContext, port: SearchPort): Promise<Answer> {
  const wanted = searchControls(controls);
  const selection = new Selection(request.attributes);
  const filter = typedFilter(request.filter);
  const fixed = fixedEntry(request, context, port);
  if (fixed !== undefined) {
    if (request.scope !== 'one' && evaluate(filter, fixed) === true) port.send(fixed, selection, request.typesOnly, []);
    return { ...SUCCESS, ...(wanted.paged && { controls: [pagedResultsResponse('')] }) };
  }
  const dn = parseDn(request.base);
  if (dn === undefined) throw new LdapError(RESULT.invalidDnSyntax, 'the base is no DN');
  const tree = await port.readable();
  const run = new SearchRun(request, wanted, selection, operation, context, port);
  if (wanted.paged !== undefined && wanted.paged.cookie !== '') return run.nextPage(wanted.paged);

  const base = tree.resolve(dn);
  if ('matchedDn' in base) return { code: RESULT.noSuchObject, matchedDn: base.matchedDn };
  const steps = (): Generator<Step> => tree.search({ base: base.place, scope: request.scope, filter });
  return run.first(steps, tree);
}

/** The root DSE and the subschema have no place in the tree. */
function fixedEntry({ base, scope }: SearchRequest, { options, version }: ServerContext, { startTls, external }: SearchPort): FixedEntry | undefined {
  if (base === '' && scope === 'base') return rootDse({ suffix: options.suffix, version, startTls, external });
  return base.toLowerCase() === SUBSCHEMA_DN.toLowerCase() ? SUBSCHEMA_ENTRY : undefined;
}

const SIP_PASSWORD = knownType('SIPIdentityPassword');
const HAS_SUBORDINATES = knownType('hasSubordinates');

class SearchRun {
  private readonly deadline: number;
  private readonly sizeLimit: number;
  /** Whether entries are asked for what they do not know by themselves. */
  private readonly subordinates: boolean;
  private readonly passwords: boolean;

  constructor(
    private readonly request: SearchRequest,
    private readonly controls: SearchControls,
    private readonly selection: Selection,
    private readonly operation: Operation,
    private readonly context: ServerContext,
    private readonly port: SearchPort,
  ) {
    const { limits } = context;
    const seconds = request.timeLimit === 0 ? limits.timeLimitSeconds : Math.min(request.timeLimit, limits.timeLimitSeconds);
    this.deadline = performance.now() + seconds * 1_000;
    this.subordinates = selection.allOperational || selection.names(HAS_SUBORDINATES);
    // Kamailio's H.350 module names no attributes and expects it among all.
    this.passwords = port.identity.credentials && (selection.allUser || selection.names(SIP_PASSWORD));
    this.sizeLimit = request.sizeLimit === 0 ? limits.sizeLimit : Math.min(request.sizeLimit, limits.sizeLimit);
  }

  /** @param steps begins the search; again where sorting turns out to be too much. */
  async first(steps: () => Generator<Step>, tree: ReadableTree): Promise<Answer> {
    const { sort, paged } = this.controls;
    const answers: ResponseControl[] = [];
    let page: Page = { steps: steps(), examined: 0, given: 0 };
    if (sort !== undefined) {
      const sorted = await this.sorted(page, sort.keys);
      if ('code' in sorted) {
        if (sort.critical) throw new LdapError(RESULT.unavailableCriticalExtension, sorted.message);
        page = { ...page, steps: steps(), examined: 0 };
      } else {
        page.steps = sorted.entries[Symbol.iterator]();
      }
      answers.push(sortResponse('code' in sorted ? sorted.code : RESULT.success, 'code' in sorted ? sorted.attribute : undefined));
    }
    const answer = await this.page(page, paged?.size, tree);
    return { ...answer, controls: [...answers, ...(answer.controls ?? [])] };
  }

  /** RFC 2696 section 3: the same request again with the cookie; a page of size 0 gives the search up. */
  async nextPage({ size, cookie }: { size: number; cookie: string }): Promise<Answer> {
    const page = this.port.pages.take(cookie);
    if (page === undefined || page.question !== this.question()) throw new LdapError(RESULT.unwillingToPerform, 'the cookie is of no search that waits for its next page');
    if (size === 0) return { ...SUCCESS, controls: [pagedResultsResponse('')] };
    return this.page(page, size, await this.port.readable());
  }

  /** Sends up to `size` entries, or all. */
  private async page(page: Page, size: number | undefined, tree: ReadableTree): Promise<Answer> {
    const end = (code: ResultCode, cookie = ''): Answer => ({ code, ...(size !== undefined && { controls: [pagedResultsResponse(cookie)] }) });
    let room = size === undefined || size === 0 ? Infinity : size;
    let turn = performance.now();
    for (;;) {
      if (++page.examined % CHECK_EVERY === 0) {
        const now = performance.now();
        if (now > this.deadline) return end(RESULT.timeLimitExceeded);
        if (page.examined > this.context.limits.examined && !this.port.identity.administrator) return end(RESULT.adminLimitExceeded);
        if (now - turn > SLICE_MS) {
          await setImmediate();
          turn = performance.now();
        }
      }
      const step = page.steps.next();
      if (step.done || this.operation.abandoned) return end(RESULT.success);
      const entry = step.value;
      if (entry === undefined) continue;
      if (page.given >= this.sizeLimit) return end(RESULT.sizeLimitExceeded);
      page.given++;
      this.port.send(entry, this.selection, this.request.typesOnly, this.subordinates || this.passwords ? await this.more(entry, tree) : []);
      const drained = this.port.drained();
      if (drained) await drained;
      if (--room === 0) return end(RESULT.success, this.port.pages.keep({ ...page, question: this.question() }));
    }
  }

  private async more(entry: Entry, tree: ReadableTree): Promise<Attribute[]> {
    const more = this.passwords ? await devicePasswords(entry, this.port.identity, this.context) : [];
    if (this.subordinates) more.push(attributeOf('hasSubordinates', [tree.hasSubordinates({ kind: entry.kind, key: entry.key }) ? 'TRUE' : 'FALSE']));
    return more;
  }

  private question(): string {
    const { base, scope, filter, attributes } = this.request;
    return JSON.stringify([base, scope, filter, attributes, this.controls.sort?.keys]);
  }

  /** All entries that match in the order asked for (RFC 2891), or why there is none. */
  private async sorted(page: Page, keys: readonly SortKey[]): Promise<{ entries: Entry[] } | { code: ResultCode; attribute?: string; message: string }> {
    const orders: SortOrder[] = [];
    for (const { attribute, rule, reverse } of keys) {
      const order = sortOrder(attribute, rule, reverse);
      if (order === undefined) return { code: RESULT.inappropriateMatching, attribute, message: `entries cannot be sorted by ${attribute}` };
      orders.push(order);
    }
    const found: { entry: Entry; values: (string | undefined)[] }[] = [];
    let turn = performance.now();
    for (let examined = 1; !this.operation.abandoned; examined++) {
      if (examined % CHECK_EVERY === 0 && performance.now() - turn > SLICE_MS) {
        await setImmediate();
        turn = performance.now();
      }
      const step = page.steps.next();
      if (step.done) break;
      if (performance.now() > this.deadline || examined > this.context.limits.examined) return { code: RESULT.adminLimitExceeded, message: 'too many entries to sort' };
      if (step.value === undefined) continue;
      const entry = step.value;
      if (found.length >= this.context.limits.sorted) return { code: RESULT.adminLimitExceeded, message: `more than ${this.context.limits.sorted} entries to sort` };
      found.push({ entry, values: orders.map((order) => order.valueOf(entry)) });
    }
    found.sort((a, b) => orders.reduce((order, one, i) => order || one.compare(a.values[i], b.values[i]), 0));
    return { entries: found.map(({ entry }) => entry) };
  }
}

interface SortOrder {
  /** The least value, normalised. */
  valueOf(entry: Entry): string | undefined;
  /** No value counts as the greatest (RFC 2891 section 2.2). */
  compare(a: string | undefined, b: string | undefined): number;
}

function sortOrder(attribute: string, rule: string | undefined, reverse: boolean): SortOrder | undefined {
  const described = attributeDescription(attribute);
  // Types for people's eyes define no order in the standards; theirs is that of the values that their equality compares.
  const by = rule === undefined ? (described?.type.ordering ?? described?.type.equality) : matchingRule(rule)?.name;
  const normalise = normaliserOf(by);
  if (described === undefined || by === undefined || normalise === undefined) return undefined;
  const compare = compareBy(by);
  const direction = reverse ? -1 : 1;
  return {
    valueOf(entry) {
      let least: string | undefined;
      entry.some(described.type, (value, options) => {
        const normalised = described.options.every((option) => options.includes(option)) ? normalise(value) : undefined;
        if (normalised !== undefined && (least === undefined || compare(normalised, least) < 0)) least = normalised;
        return false;
      });
      return least;
    },
    compare: (a, b) => (a === undefined || b === undefined ? Number(a === undefined) - Number(b === undefined) : compare(a, b)) * direction,
  };
}

/** An assertion about one entry (RFC 4511 section 4.10). Throws LdapError. */
export function compareEntry(entry: Entry, attribute: string, value: Buffer): Result {
  const described = attributeDescription(attribute);
  if (described === undefined) throw new LdapError(RESULT.undefinedAttributeType, `no attribute ${attribute}`);
  const has = entry.some(described.type, (_, options) => described.options.every((option) => options.includes(option)));
  if (!has) throw new LdapError(RESULT.noSuchAttribute, `the entry has no ${attribute}`);
  const filter: TypedFilter = typedFilter({ type: 'equality', attribute, value });
  if (filter.type === 'undefined') throw new LdapError(RESULT.inappropriateMatching, `values of ${attribute} cannot be compared with this`);
  return { code: evaluate(filter, entry) === true ? RESULT.compareTrue : RESULT.compareFalse };
}
