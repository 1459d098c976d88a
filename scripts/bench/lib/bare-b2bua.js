'use strict';
// The least that can be written on drachtio-srf: a service name is looked up in a map and the call is bridged to its contact.
//   node bare-b2bua.js HOST:PORT:SECRET NAMES-FILE CONTACT-HOST:PORT
// Prints "ready" when the SIP server has taken its route.
const fs = require('node:fs');
const Srf = require('drachtio-srf');

/** Service name -> SIP URI at the far end. `namesFile` is a sipp names file: its first line says how sipp reads it. */
function readServices(namesFile, contact) {
  const names = fs.readFileSync(namesFile, 'utf8').split('\n').slice(1).filter(Boolean);
  return new Map(names.map((name) => [name, `sip:${name}@${contact}`]));
}

/** Hangs `other` up when `leg` ends, or has ended before anybody could listen: drachtio-srf tells of a BYE once. */
function endWith(leg, other) {
  const end = () => other.destroy().catch(() => {});
  if (leg.connected) leg.on('destroy', end);
  else end();
}

/** Connects the application to a SIP server's admin port; resolves when it is connected. */
function startBareB2bua({ host, port, secret, services }) {
  const srf = new Srf();
  srf.invite((req, res) => {
    const contact = services.get(/^sips?:([^@;]+)@/.exec(req.uri)?.[1]);
    if (!contact) return res.send(404);
    srf.createB2BUA(req, res, contact, {}).then(({ uas, uac }) => {
      endWith(uas, uac);
      endWith(uac, uas);
    }, () => {}); // a failure of the far end has been passed to the caller
  });
  return new Promise((resolve, reject) => {
    srf.once('error', reject);
    srf.once('connect', (error) => (error ? reject(error) : resolve(srf)));
    srf.connect({ host, port, secret });
  });
}

if (require.main === module) {
  const [admin, namesFile, contact] = process.argv.slice(2);
  const [host, port, secret] = admin.split(':');
  startBareB2bua({ host, port: Number(port), secret, services: readServices(namesFile, contact) }).then(
    () => console.log('ready'),
    (error) => { console.error(`cannot reach the SIP server at ${host}:${port}: ${error.message}`); process.exit(1); },
  );
}

module.exports = { readServices, startBareB2bua };
