import { PresentationToken } from '../../../src/h323/h239';
import { type Party, readyMeeting } from '../h245/support/party';

const CHANNEL = 103;

test('the token goes by the generic messages of two H.245 sessions; what is not of H.239 is left to the session', async () => {
  const tokens: PresentationToken[] = [];
  const told: string[] = [];
  const met = await readyMeeting({ handlers: { generic: (message) => tokens[0]!.received(message) } }, { handlers: { generic: (message) => tokens[1]!.received(message) } });
  const tokenOf = ({ name, session }: Party): PresentationToken => new PresentationToken({
    send: (message) => void session.sendGeneric(message), symmetryBreaking: () => 64,
    events: {
      requested: (channelId) => { told.push(`${name} requested ${channelId}`); tokens[1]!.grant(); }, released: () => told.push(`${name} released`),
      granted: () => told.push(`${name} granted`), refused: () => told.push(`${name} refused`), revoked: () => told.push(`${name} revoked`),
    },
  });
  tokens.push(tokenOf(met.a), tokenOf(met.b));
  try {
    tokens[0]!.request(CHANNEL);
    await met.time.pass(1_000);
    expect(tokens.map(({ state }) => state)).toEqual(['owned', 'granted']);
    tokens[0]!.release();
    await met.time.pass(1_000);
    expect(told).toEqual([`${met.b.name} requested ${CHANNEL}`, `${met.a.name} granted`, `${met.b.name} released`]);
    met.a.session.sendGeneric({ kind: 'request', message: { messageIdentifier: { standard: '0.0.8.239.9' }, subMessageIdentifier: 3 } });
    await met.time.pass(1_000);
    expect(tokens.map(({ state }) => state)).toEqual(['free', 'free']);
    expect(met.b.wire.sent.at(-1)).toMatchObject({ indication: { functionNotSupported: {} } });
  } finally {
    for (const token of tokens) token.close();
  }
});
