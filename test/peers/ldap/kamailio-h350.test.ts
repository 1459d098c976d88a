import { createHash } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { hashPassword } from '../../../src/directory';
import { account, accountDn, PASSWORD, startTestLdap, type TestLdap } from '../../ldap/support/ldap-server';
import { Child, describePeer, freePorts, KAMAILIO_H350, until } from '../harness';

const DEVICE = 'ex90-1@ahtari.etela-pohjanmaa.example';
const REALM = 'palvelu.example';

/** As it is documented. */
const [, RECIPE_TEXT = ''] = /Kamailio, module h350[^`]*(?:`[^`]+`[^`]*)*?```\n([^`]+)```/.exec(fs.readFileSync(path.resolve(__dirname, '../../../directory-data/ldap/README.md'), 'utf8')) ?? [];
const RECIPE = { modules: RECIPE_TEXT.split('\n').filter((line) => line.startsWith('modparam')).join('\n'), route: RECIPE_TEXT.split('\n').filter((line) => !line.startsWith('modparam')).join('\n') };

const CONFIG = (port: number, folder: string): string => `
debug=2
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:127.0.0.1:${port}
mpath="${path.dirname(KAMAILIO_H350)}"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "auth.so"
loadmodule "ldap.so"
loadmodule "h350.so"
modparam("ldap", "config_file", "${path.join(folder, 'ldap.cfg')}")
modparam("h350", "ldap_session", "h350")
${RECIPE.modules}
modparam("h350", "search_scope", "sub")
request_route {
  if (is_method("REGISTER")) {
    ${RECIPE.route}
    sl_send_reply("200", "OK");
    exit;
  }
  if (h350_sipuri_lookup("$ru")) sl_send_reply("200", "Known");
  else sl_send_reply("404", "Unknown");
}
`;

describePeer(['kamailio', KAMAILIO_H350], 'Kamailio with its H.350 module', () => {
  let ldap: TestLdap;
  let kamailio: Child;
  let folder: string;
  let port: number;
  let socket: dgram.Socket;
  let requests = 0;

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-kamailio-'));
    ldap = await startTestLdap({ accounts: [await account('kamailio', { organisations: ['ahtari'], others: 'services', credentials: true })] });
    await ldap.directory.update('device', DEVICE, (device) => ({ ...device, credentials: hashPassword('ex90-1', REALM, 'salasana-1') }));
    port = await freePorts();
    fs.writeFileSync(path.join(folder, 'kamailio.cfg'), CONFIG(port, folder));
    // A bind costs a scrypt for each of its processes: a busy machine takes longer than the second that it waits by default.
    fs.writeFileSync(path.join(folder, 'ldap.cfg'), `[h350]\nldap_client_bind_timeout = 20000\nldap_server_url = "${ldap.url}"\nldap_bind_dn = "${accountDn('kamailio')}"\nldap_bind_password = "${PASSWORD}"\n`, { mode: 0o600 });
    kamailio = new Child('kamailio', ['-DD', '-E', '-f', path.join(folder, 'kamailio.cfg'), '-Y', folder, '-P', path.join(folder, 'pid')]);
    socket = dgram.createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    await until(`kamailio answers`, async () => {
      if (!kamailio.running) throw new Error(kamailio.output);
      return (await ask('OPTIONS', 'sip:kela.fi@palvelu.example', [], 300)) !== undefined;
    });
  }, 30_000);
  afterAll(async () => {
    socket?.close();
    await kamailio?.stop();
    await ldap?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  /** The response to one request; undefined: none came in time. */
  function ask(method: string, uri: string, headers: readonly string[] = [], limitMs = 5_000): Promise<string | undefined> {
    const branch = `z9hG4bK-${++requests}`;
    const request = [
      `${method} ${uri} SIP/2.0`, `Via: SIP/2.0/UDP 127.0.0.1:${socket.address().port};branch=${branch}`, 'Max-Forwards: 70', `From: <sip:ex90-1@${REALM}>;tag=1`, `To: <${uri}>`,
      `Call-ID: ${branch}`, `CSeq: ${requests} ${method}`, `Contact: <sip:ex90-1@127.0.0.1:${socket.address().port}>`, ...headers, 'Content-Length: 0', '', '',
    ].join('\r\n');
    return new Promise((resolve) => {
      const timer = setTimeout(() => finish(undefined), limitMs);
      const onMessage = (message: Buffer): void => { if (message.includes(branch)) finish(message.toString('utf8')); };
      const finish = (answer: string | undefined): void => {
        clearTimeout(timer);
        socket.off('message', onMessage);
        resolve(answer);
      };
      socket.on('message', onMessage);
      socket.send(request, port, '127.0.0.1');
    });
  }

  async function register(user: string, password: string): Promise<string | undefined> {
    const uri = `sip:${REALM}`;
    const nonce = /nonce="([^"]+)"/.exec((await ask('REGISTER', uri)) ?? '')?.[1] ?? '';
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    const response = md5(`${md5(`${user}:${REALM}:${password}`)}:${nonce}:${md5(`REGISTER:${uri}`)}`);
    return (await ask('REGISTER', uri, [`Authorization: Digest username="${user}", realm="${REALM}", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=MD5`]))?.split('\r\n', 1)[0];
  }

  test('authenticates a device by the digest that it reads here', async () => {
    expect(await register('ex90-1', 'salasana-1')).toBe('SIP/2.0 200 OK');
    expect(await register('ex90-1', 'wrong')).toBe('SIP/2.0 401 Unauthorized');
    expect(await register('nobody', 'salasana-1')).toBe('SIP/2.0 401 Unauthorized');
  });

  test('a new password counts from the next request on', async () => {
    await ldap.directory.update('device', DEVICE, (device) => ({ ...device, credentials: hashPassword('ex90-1', REALM, 'salasana-2') }));
    expect(await register('ex90-1', 'salasana-1')).toBe('SIP/2.0 401 Unauthorized');
    expect(await register('ex90-1', 'salasana-2')).toBe('SIP/2.0 200 OK');
  });

  test('finds services and devices by their SIP address', async () => {
    expect(await ask('OPTIONS', 'sip:kela.fi@palvelu.example')).toMatch(/^SIP\/2\.0 200 Known/);
    expect(await ask('OPTIONS', `sip:${DEVICE}`)).toMatch(/^SIP\/2\.0 200 Known/);
    expect(await ask('OPTIONS', 'sip:nobody@palvelu.example')).toMatch(/^SIP\/2\.0 404/);
  });
});
