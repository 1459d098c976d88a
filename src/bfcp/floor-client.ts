import { Association, type AssociationOptions } from './association';
import type { BfcpMessage, Body, BodyOf, FloorRequestInformation, RequestStatusName } from './codec';
import { BfcpError } from './errors';
import type { Carrier } from './transport';

export interface FloorClientOptions extends Omit<AssociationOptions, 'role'> {
  userId: number;
}

export interface FloorClientEvents {
  /** The server tells how a request of this user stands (FloorRequestStatus). */
  requestChanged?(request: FloorRequestInformation): void;
  /** The server tells how floors stand that were asked for (FloorStatus). */
  floorsChanged?(floorIds: readonly number[], requests: readonly FloorRequestInformation[]): void;
  /** The association ended; with the error where this side did not end it. Once. */
  closed?(error?: BfcpError): void;
}

/**
 * A floor participant or chair (RFC 8855 sections 10 and 11). Every method fails with a BfcpError: `bfcp-refused` with the
 * server's error code (BfcpRefusedError), `bfcp-timeout`, `bfcp-closed` or `bfcp-limit`.
 */
export class FloorClient {
  private readonly association: Association;

  constructor(carrier: Carrier, private readonly options: FloorClientOptions, private readonly events: FloorClientEvents = {}) {
    this.association = new Association(carrier, { ...options, role: 'client' }, {
      request: (message, respond) => this.take(message, respond),
      closed: (error) => events.closed?.(error),
    });
  }

  /** Whether the server is there, and what it knows (RFC 8855 section 12.4). */
  async hello(): Promise<BodyOf<'HelloAck'>> {
    return this.ask({ primitive: 'Hello' }, 'HelloAck');
  }

  /** Asks for floors; the answer may be `granted` already, else news comes by `requestChanged`. */
  async request(floorIds: number[], detail: { beneficiaryId?: number; priority?: number; participantProvidedInfo?: string } = {}): Promise<FloorRequestInformation> {
    return (await this.ask({ primitive: 'FloorRequest', floorIds, ...detail }, 'FloorRequestStatus')).floorRequest;
  }

  async release(floorRequestId: number): Promise<FloorRequestInformation> {
    return (await this.ask({ primitive: 'FloorRelease', floorRequestId }, 'FloorRequestStatus')).floorRequest;
  }

  async requestStatus(floorRequestId: number): Promise<FloorRequestInformation> {
    return (await this.ask({ primitive: 'FloorRequestQuery', floorRequestId }, 'FloorRequestStatus')).floorRequest;
  }

  /** Requests of a user, of this one by default. */
  async userStatus(beneficiaryId?: number): Promise<BodyOf<'UserStatus'>> {
    return this.ask({ primitive: 'UserQuery', ...(beneficiaryId !== undefined && { beneficiaryId }) }, 'UserStatus');
  }

  /** From now on `floorsChanged` tells of these floors and no others. The answer is about the first of them. */
  async watch(floorIds: number[]): Promise<BodyOf<'FloorStatus'>> {
    return this.ask({ primitive: 'FloorQuery', floorIds }, 'FloorStatus');
  }

  /** A chair's decision on a request. */
  async chair(floorRequestId: number, floorIds: readonly number[], status: Extract<RequestStatusName, 'accepted' | 'granted' | 'denied' | 'revoked'>): Promise<void> {
    const requestStatus = { status, queuePosition: 0 };
    const floors = floorIds.map((floorId) => ({ floorId, requestStatus }));
    await this.ask({ primitive: 'ChairAction', floorRequest: { floorRequestId, overallStatus: { floorRequestId, requestStatus }, floors } }, 'ChairActionAck');
  }

  /** Takes leave and ends the association, whether or not the server answers. */
  async goodbye(): Promise<void> {
    await this.ask({ primitive: 'Goodbye' }, 'GoodbyeAck').catch(() => undefined);
    this.association.close();
  }

  close(): void {
    this.association.close();
  }

  private async ask<P extends BfcpMessage['primitive']>(body: Body, answer: P): Promise<BodyOf<P>> {
    const message = await this.association.request(this.options.userId, body);
    if (message.primitive !== answer) throw new BfcpError('bfcp-invalid', `${message.primitive} does not answer ${body.primitive}`);
    return message as unknown as BodyOf<P>;
  }

  private take(message: BfcpMessage, respond: (body: Body) => void): void {
    switch (message.primitive) {
      case 'FloorRequestStatus':
        respond({ primitive: 'FloorRequestStatusAck' });
        return this.events.requestChanged?.(message.floorRequest);
      case 'FloorStatus':
        respond({ primitive: 'FloorStatusAck' });
        return this.events.floorsChanged?.(message.floorIds, message.floorRequests);
      case 'Goodbye':
        respond({ primitive: 'GoodbyeAck' });
        return this.association.close();
    }
  }
}
