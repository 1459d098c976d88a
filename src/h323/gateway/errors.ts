import { EtasiltaError } from '../../errors';

/** H.323 cannot be served, or a secret of it cannot be read. */
export class H323Error extends EtasiltaError {}
