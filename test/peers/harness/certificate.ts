import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export interface CertificateFiles {
  /** Self-signed, so it is its own authority. */
  certFile: string;
  keyFile: string;
}

/** Makes a certificate for localhost and 127.0.0.1, valid for two days, with openssl. Needs the program `openssl`. */
export function makeCertificate(folder: string): CertificateFiles {
  const certFile = path.join(folder, 'certificate.pem');
  const keyFile = path.join(folder, 'key.pem');
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', keyFile, '-out', certFile,
  ], { stdio: 'pipe' });
  fs.chmodSync(keyFile, 0o600);
  return { certFile, keyFile };
}
