#!/usr/bin/env node
import { runCommandLine } from './cli/program';

runCommandLine(process.argv).then((code) => {
  process.exitCode = code;
});
