'use strict';
// Bundles the browser page's script, with the SIP library in it, and its style into dist/web/page: node scripts/build-page.js
const path = require('node:path');
const { build } = require('esbuild');

const ROOT = path.resolve(__dirname, '..');

build({
  entryPoints: ['main.ts', 'style.css'].map((name) => path.join(ROOT, 'src/web/page', name)),
  outdir: path.join(ROOT, 'dist/web/page'),
  bundle: true,
  minify: true,
  target: 'es2022',
  tsconfig: path.join(ROOT, 'src/web/page/tsconfig.json'),
  // Licences of what is bundled stay in the file.
  legalComments: 'eof',
  logLevel: 'warning',
}).catch(() => { process.exitCode = 1; });
