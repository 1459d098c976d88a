import { ownNames } from '../../src/sip/aor';
import { DigestAuthenticator } from '../../src/sip/digest';
import { Location } from '../../src/sip/location';
import { Registrar } from '../../src/sip/registrar';
import { authorize, hash, request } from './requests';

const REALM = 'palvelu.example';
const AOR = 'ex90-1@ahtari.palvelu.example';
const HOUR_MS = 3_600_000;

afterEach(() => jest.restoreAllMocks());

describe.each([['back by an hour', -HOUR_MS], ['back by a year', -8_760 * HOUR_MS], ['ahead by an hour', HOUR_MS], ['ahead by a year', 8_760 * HOUR_MS]])('when the machine\'s clock is set %s', (_, by) => {
  const setClock = (): void => {
    const { now } = Date;
    jest.spyOn(Date, 'now').mockImplementation(() => now() + by);
  };

  test('devices authenticate with the next challenge, and with one of a moment ago', async () => {
    const identity = { aor: AOR, credentials: { username: 'ex90-1', realm: REALM, ha1Md5: hash('MD5', `ex90-1:${REALM}:sala`) } };
    const digest = new DigestAuthenticator({ realm: REALM, key: Buffer.alloc(32, 7), findIdentity: async () => identity });
    const send = (challenge: string) => digest.verify(
      request({ method: 'REGISTER', uri: `sip:${REALM}`, headers: { Authorization: authorize(challenge, { username: 'ex90-1', password: 'sala', algorithm: 'MD5' }) } }), AOR);
    const before = digest.challenge()['WWW-Authenticate']!;
    setClock();
    expect(await send(before)).toMatchObject({ kind: 'authenticated' });
    expect(await send(digest.challenge()['WWW-Authenticate']!)).toMatchObject({ kind: 'authenticated' });
  });

  test('registrations stand for as long as they were made, and the device is told the time of day', () => {
    const location = new Location();
    const registrar = new Registrar(location, { names: ownNames(REALM, []) });
    const register = (headers: Record<string, string>, cseq: number) => registrar.register(
      request({ headers: { CSeq: `${cseq} REGISTER`, ...headers } }), { aor: AOR, credentials: { username: 'ex90-1', realm: REALM } });
    register({ Contact: '<sip:ex90-1@192.0.2.10>', Expires: '600' }, 1);
    setClock();
    const { headers } = register({}, 2);
    expect(headers?.Contact).toMatch(/;expires=(600|59\d)$/);
    expect(location.contactsFor(AOR)).toHaveLength(1);
    expect(Math.abs(Date.parse(headers?.Date ?? '') - Date.now())).toBeLessThan(HOUR_MS / 2);
    location.close();
  });
});
