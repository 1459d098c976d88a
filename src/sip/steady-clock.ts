/**
 * Milliseconds since 1970 as the machine's clock said when this process began, steady from there. Where that clock is set while the
 * gateway runs (it was wrong at start and the network corrects it), registrations would end all at once, keep-alives stop, and
 * nonces count as issued in the future or long ago.
 */
export const steadyNow = (): number => Math.floor(performance.timeOrigin + performance.now());
