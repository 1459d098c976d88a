import { EtasiltaError } from '../errors';

/** The command was used wrongly: exit code 2. */
export class UsageError extends EtasiltaError {
  constructor(message: string, hint?: string) {
    super('usage', message, { hint });
  }
}

/** The command did its work and the answer is no: exit code 1 without an error message of its own. */
export class NegativeResult extends EtasiltaError {
  constructor() {
    super('negative', '');
  }
}
