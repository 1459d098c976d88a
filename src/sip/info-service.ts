/**
 * Answers INFO requests outside a dialog (RFC 2976, as old clients still send them) to one user of this system's domain: not a
 * call, but something that the gateway itself offers to its devices. Whoever implements it gets authenticated devices only.
 */
export interface InfoService {
  /** User part of the request-URI, lower case. */
  readonly user: string;
  /** Media type of its bodies, lower case. */
  readonly contentType: string;
  /** @param device address of the device that asks */
  answer(device: string, body: string): Promise<InfoAnswer>;
}

export interface InfoAnswer {
  /** SIP status, RFC 3261 section 21. */
  status: number;
  headers?: Record<string, string>;
  /** Of the service's content type. */
  body?: string;
}
