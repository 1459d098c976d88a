'use strict';
/**
 * How Node runs the gateway: with room for young objects. Every call makes many that live as long as its transactions (RFC 3261
 * section 17: up to 32 s); in V8's own 16 MiB they are copied again and again. `src/main.ts` and `Dockerfile` say the same.
 */
module.exports = ['--max-semi-space-size=32'];
