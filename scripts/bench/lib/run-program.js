'use strict';

/**
 * Runs a program of this folder to its end. A fault is printed and the process ended with code 1, also while sockets and
 * programs that it started would hold it open; `process.js` ends the latter.
 */
function runProgram(main) {
  main().catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}

module.exports = { runProgram };
