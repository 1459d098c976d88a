export { Baresip, type BaresipEvent, type BaresipOptions } from './baresip';
export { Child } from './child';
export { freePorts } from './ports';
export { describePeer, findProgram } from './require-program';
export { expectAllSuccessful, runSipp, startSipp, type Sipp, type SippOptions, type SippResult } from './sipp';
export { until } from './until';
export { readWav, toneShare, type Wav } from './wav';
