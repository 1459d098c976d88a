import { EtasiltaError } from '../../errors';

/** A session description that cannot be read (RFC 8866), or one beyond the bounds of description.ts. */
export class SdpError extends EtasiltaError {
  constructor(message: string) {
    // Q.850 cause 111, protocol error, unspecified.
    super('sdp-invalid', `session description cannot be used: ${message}`, { sipStatus: 400, q850: 111, hint: 'See RFC 8866 for what a description must look like.' });
  }
}
