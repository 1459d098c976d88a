import { EtasiltaError } from '../errors';

/** A simulated endpoint or a test call could not do what it was asked. */
export class SimulatorError extends EtasiltaError {}
