#!/usr/bin/env -S node --max-semi-space-size=32
import { runCommandLine } from './cli/program';

runCommandLine(process.argv).then((code) => {
  process.exitCode = code;
});
