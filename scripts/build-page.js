'use strict';
// Bundles the browser page's script, with the SIP library in it, and its style into dist/web/page: node scripts/build-page.js
const fs = require('node:fs');
const path = require('node:path');
const { build } = require('esbuild');

const ROOT = path.resolve(__dirname, '..');
const OUT = path.join(ROOT, 'dist/web/page');

/** Folders of the packages that a bundle has files of. */
function packagesIn({ inputs }) {
  return [...new Set(Object.keys(inputs).map((file) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0]).filter(Boolean))].sort();
}

/** The licence text of a package, under its name and version. */
function licence(folder) {
  const { name, version } = JSON.parse(fs.readFileSync(path.join(ROOT, folder, 'package.json'), 'utf8'));
  const file = fs.readdirSync(path.join(ROOT, folder)).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`${folder} has no licence file`);
  return `${name} ${version}\n\n${fs.readFileSync(path.join(ROOT, folder, file), 'utf8').trim()}\n`;
}

async function main() {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/web/page/main.ts', 'src/web/page/style.css'],
    outdir: OUT,
    bundle: true,
    minify: true,
    metafile: true,
    target: 'es2022',
    tsconfig: 'src/web/page/tsconfig.json',
    banner: { js: '/* Licences of the packages in here: licences.txt beside this file. */' },
    logLevel: 'warning',
  });
  fs.writeFileSync(path.join(OUT, 'licences.txt'), packagesIn(metafile).map(licence).join(`\n${'-'.repeat(80)}\n\n`));
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
