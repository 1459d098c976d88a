import type net from 'node:net';
import type tls from 'node:tls';
import { EtasiltaError } from '../../errors';
import { parseDn } from '../dn';
import { LdapError, LdapSyntaxError } from '../errors';
import {
  type CompareRequest, decodeMessage, type ExtendedRequest, LIMITS, type Message, type RefusedMessage, type Request, RESULT, type Result, SUCCESS,
  writeExtendedResult, writeNoticeOfDisconnection, writeResult,
} from '../protocol';
import { ReadableTree } from '../tree';
import { write } from '../write';
import { bind } from './bind';
import type { Operation, ServerContext } from './context';
import { checkControls, CONTROL } from './controls';
import { EXTENSION } from './extensions';
import type { Identity } from './identity';
import { type Answer, compareEntry, PageStore, search, type SearchPort } from './search';
import { writeEntry } from './selection';
import { Wire } from './wire';

export interface Transport {
  socket: net.Socket;
  /** TLS is on. */
  secure: boolean;
  /** Came over the unix socket. */
  local: boolean;
  loopback: boolean;
  /** For StartTLS; undefined: there is no certificate, or TLS is on. */
  secureContext?: tls.SecureContext;
}

type Pending = Message | RefusedMessage;
/** After these everything is different: they run alone. */
const isAlone = ({ op }: Request): boolean => op !== 'search' && op !== 'compare';

/**
 * One client's session: decodes its requests and answers them. Searches run side by side; binds, StartTLS and changes run
 * alone. What a client sends beyond its share waits unread.
 */
export class Session {
  private identity: Identity;
  private readonly wire: Wire;
  private readonly pages: PageStore;
  private readonly waiting: Pending[] = [];
  private readonly running = new Set<Operation>();
  private alone = false;
  private secure: boolean;
  private tree: { revision: number; identity: Identity; readable: ReadableTree } | undefined;

  constructor(private readonly context: ServerContext, private readonly transport: Transport, onClosed: () => void, now: () => number) {
    this.identity = context.anonymous;
    this.secure = transport.secure;
    this.pages = new PageStore(context.limits.pagedSearches);
    this.wire = new Wire(transport.socket, LIMITS.messageBeforeBind, {
      message: (bytes) => this.receive(bytes),
      fault: (error) => this.end(error.resultCode, error.message),
      ended: () => this.close(),
      closed: onClosed,
    }, now);
  }

  /** Tells the client why and ends the session. */
  end(code: Result['code'], text: string): void {
    if (this.wire.isClosed) return;
    writeNoticeOfDisconnection(this.wire.writer, code, text);
    this.close();
  }

  /** Looks after time limits. */
  check(now: number): void {
    const { idleSeconds, idleSecondsBeforeBind, stalledSeconds } = this.context.limits;
    this.wire.check(now, stalledSeconds * 1_000);
    const idle = now - this.wire.lastActivity;
    if (this.running.size === 0 && idle > (this.identity.dn === '' ? idleSecondsBeforeBind : idleSeconds) * 1_000) this.end(RESULT.unavailable, 'nothing happened for too long');
  }

  destroy(): void {
    this.wire.destroy();
  }

  private close(): void {
    this.wire.close();
    for (const operation of this.running) operation.abandoned = true;
    this.waiting.length = 0;
    this.pages.clear();
  }

  private receive(bytes: Buffer): void {
    let message: Pending;
    try {
      message = decodeMessage(bytes);
    } catch (error) {
      if (!(error instanceof LdapSyntaxError)) throw error;
      this.end(error.resultCode, error.message);
      return;
    }
    if ('request' in message && message.request.op === 'unbind') {
      this.close();
    } else if ('request' in message && message.request.op === 'abandon') {
      this.abandon(message.request.messageId);
    } else {
      this.waiting.push(message);
      if (this.waiting.length >= this.context.limits.waiting) this.wire.pause();
      this.pump();
    }
  }

  private abandon(messageId: number): void {
    for (const operation of this.running) if (operation.messageId === messageId) operation.abandoned = true;
    const waiting = this.waiting.findIndex(({ id }) => id === messageId);
    // A bind or StartTLS may not be abandoned (RFC 4511 section 4.11).
    const message = this.waiting[waiting];
    if (message && 'request' in message && message.request.op === 'search') this.waiting.splice(waiting, 1);
  }

  /** Starts what may start now. */
  private pump(): void {
    while (!this.alone && !this.wire.isClosed) {
      const [next] = this.waiting;
      if (next === undefined) break;
      const alone = 'request' in next && isAlone(next.request);
      if (alone ? this.running.size > 0 : this.running.size >= this.context.limits.operations) break;
      this.waiting.shift();
      this.alone = alone;
      const operation = { messageId: next.id, abandoned: false };
      this.running.add(operation);
      this.perform(next, operation).finally(() => {
        this.running.delete(operation);
        this.alone &&= !alone;
        this.pump();
      });
    }
    if (this.waiting.length < this.context.limits.waiting) this.wire.resume();
  }

  /** Performs one operation; never rejects. */
  private async perform(message: Pending, operation: Operation): Promise<void> {
    const op = 'request' in message ? message.request.op : message.op;
    let answer: Answer | undefined;
    try {
      if ('refused' in message) throw new LdapError(RESULT.adminLimitExceeded, message.refused);
      answer = await this.answer(message, operation);
    } catch (error) {
      answer = this.failure(error);
    }
    if (answer === undefined || operation.abandoned || this.wire.isClosed) return;
    writeResult(this.wire.writer, message.id, op, answer, answer.controls);
    this.wire.written();
  }

  private failure(error: unknown): Result {
    if (error instanceof LdapError) return { code: error.resultCode, message: error.message };
    this.context.log.error({ error: error instanceof Error ? error.message : String(error) }, 'an LDAP operation failed');
    return error instanceof EtasiltaError ? { code: RESULT.unavailable, message: 'the directory cannot be read now' } : { code: RESULT.other, message: 'internal error' };
  }

  /** Undefined: answered already. */
  private async answer({ id, request, controls }: Message, operation: Operation): Promise<Answer | undefined> {
    switch (request.op) {
      case 'bind':
        checkControls(controls, []);
        // A failed bind leaves nobody bound (RFC 4511 section 4.2.1).
        this.identity = this.context.anonymous;
        this.wire.messageLimit = LIMITS.messageBeforeBind;
        this.pages.clear();
        this.identity = await bind(request, this.context, { local: this.transport.local, confidential: this.confidential });
        if (this.identity.dn !== '') this.wire.messageLimit = LIMITS.message;
        return SUCCESS;
      case 'search':
        return search(request, controls, operation, this.context, this.searchPort(id));
      case 'compare':
        checkControls(controls, []);
        return this.compare(request);
      case 'extended':
        checkControls(controls, []);
        return this.extended(id, request);
      case 'unbind':
      case 'abandon':
        return undefined;
      default:
        checkControls(controls, [CONTROL.manageDsaIt]);
        if (!this.identity.administrator) throw new LdapError(RESULT.insufficientAccessRights, 'only administrators change the directory');
        return write(request, { store: this.context.store, tree: await this.readable(), realm: this.context.options.realm });
    }
  }

  /** Whether passwords may come over this connection. */
  private get confidential(): boolean {
    const { clearTextBind } = this.context.options;
    return this.secure || this.transport.local || clearTextBind === 'always' || this.transport.loopback;
  }

  private searchPort(id: number): SearchPort {
    const { wire } = this;
    return {
      identity: this.identity, pages: this.pages, external: this.transport.local, startTls: this.transport.secureContext !== undefined && !this.secure,
      send(entry, selection, typesOnly, more) {
        writeEntry(wire.writer, id, entry, selection, typesOnly, more);
        wire.written();
      },
      drained: () => wire.drained(),
      readable: () => this.readable(),
    };
  }

  /** The tree as whoever has bound may read it. Throws LdapError where that is nothing. */
  private async readable(): Promise<ReadableTree> {
    if (this.identity.dn === '' && this.context.options.anonymous === 'nothing') throw new LdapError(RESULT.strongerAuthRequired, 'the directory is not read without a bind');
    const tree = await this.context.source.current();
    if (this.tree?.revision !== tree.revision || this.tree.identity !== this.identity) {
      this.tree = { revision: tree.revision, identity: this.identity, readable: new ReadableTree(tree, this.identity.visibility) };
    }
    return this.tree.readable;
  }

  private async compare({ dn, attribute, value }: CompareRequest): Promise<Result> {
    const parsed = parseDn(dn);
    if (parsed === undefined) throw new LdapError(RESULT.invalidDnSyntax, 'the name is no DN');
    const found = (await this.readable()).resolve(parsed);
    return 'matchedDn' in found ? { code: RESULT.noSuchObject, matchedDn: found.matchedDn } : compareEntry(found.entry, attribute, value);
  }

  private extended(id: number, { name, value }: ExtendedRequest): undefined {
    const answer = (result: Result, text?: string): undefined => {
      writeExtendedResult(this.wire.writer, id, result, result.code === RESULT.success && name === EXTENSION.startTls ? name : undefined, text);
      this.wire.written();
    };
    if (name === EXTENSION.whoAmI && value === undefined) return answer(SUCCESS, this.identity.dn === '' ? '' : `dn:${this.identity.dn}`);
    if (name !== EXTENSION.startTls || value !== undefined) return answer({ code: RESULT.protocolError, message: `extended operation ${name} is not supported` });
    const { secureContext } = this.transport;
    if (secureContext === undefined) return answer({ code: RESULT.unavailable, message: 'the server has no certificate' });
    if (this.secure) return answer({ code: RESULT.operationsError, message: 'TLS is on' });
    answer(SUCCESS);
    this.wire.startTls(secureContext);
    this.secure = true;
    // Whoever was bound was so on what may have been altered on the way.
    this.identity = this.context.anonymous;
    return undefined;
  }
}
