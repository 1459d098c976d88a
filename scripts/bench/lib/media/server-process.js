'use strict';
// The embedded media server alone in its process. Prints "ready ESL-PORT" and answers every message with its statistics.
//   node server-process.js MODULE PASSWORD
const [, , moduleFile, password] = process.argv;
const { startMediaServer } = require(moduleFile);

startMediaServer({
  esl: { host: '127.0.0.1', port: 0 }, password, sip: { host: '127.0.0.1', port: 0 }, rtp: { min: 0, max: 0 }, maxSessions: 5_000,
}).then((server) => {
  process.on('message', () => process.send(server.stats()));
  const end = () => server.close().finally(() => process.exit(0));
  process.once('SIGTERM', end);
  process.once('disconnect', end);
  console.log(`ready ${server.eslPort}`);
}, (error) => { console.error(error.message); process.exit(1); });
