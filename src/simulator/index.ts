/** Simulated endpoints: real SIP user agents for self-tests, test calls and tests. */
export { type AnswerBehaviour } from './answering';
export { type CallEnd, type SetupTimes, SimulatedCall } from './call';
export { CallFailedError } from './calling';
export { type CallOptions, type EndpointOptions, type SimulatedEndpoint, startSimulatedEndpoint } from './endpoint';
export { SimulatorError } from './errors';
export { type Heard, type MediaReport } from './media';
export { type RemoteParty } from './party';
export { type CallReport, formatCallReport } from './report';
export { type EndpointAccount, formatSelfTest, runSelfTest, type SelfTestOptions, type SelfTestResult } from './self-test';
export { runTestCall, type TestCallOptions } from './test-call';
