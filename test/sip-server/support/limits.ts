/** Limits of a server in a process of tests: what those and others beside them do to the processor is no overload of it. */
export const TEST_LIMITS = { eventLoopLagMs: 10_000 };
