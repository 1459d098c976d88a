import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SipMessage, parseDatagram, parseUri } from '../../src/embedded/sip-server/message';

interface Expectation {
  file: string;
  section: string;
  valid: boolean;
  /** accept, drop, or the status of the answer. */
  reaction: 'accept' | 'drop' | number;
  /** A word of the fault's reason, so that a message is refused for what is wrong with it. */
  says?: string;
  reason: string;
}

const FIXTURES = join(__dirname, '../fixtures');
const octetsOf = (rfc: string, file: string): Buffer => readFileSync(join(FIXTURES, rfc, file));
const expectationsOf = (rfc: string): Expectation[] => JSON.parse(readFileSync(join(FIXTURES, rfc, 'expectations.json'), 'utf8')) as Expectation[];
function accepted(rfc: string, file: string): SipMessage {
  const result = parseDatagram(octetsOf(rfc, file));
  if (!result.message || result.fault) throw new Error(`${file}: ${JSON.stringify(result)}`);
  return result.message;
}

/** All that a message means, however it is spelt. */
const meaning = (message: SipMessage): unknown => ({
  start: [message.method, message.uri, message.status, message.reason],
  headers: message.headers.filter(({ key }) => key !== 'Content-Length').map(({ key, value }) => [key, value]),
  body: message.body.toString('latin1'),
});

describe.each([['rfc4475', 49], ['rfc5118', 12]])('the torture messages of %s', (rfc, count) => {
  const expectations = expectationsOf(rfc);

  test(`are all ${count} here, each with its expected reaction`, () => {
    expect(expectations.map(({ file }) => file).sort()).toEqual(readdirSync(join(FIXTURES, rfc)).filter((name) => name.endsWith('.dat')).sort());
    expect(expectations).toHaveLength(count);
  });

  test.each(expectations)('$section $file: $reaction. $reason', ({ file, reaction, says }) => {
    const result = parseDatagram(octetsOf(rfc, file));
    if (reaction === 'accept') {
      expect(result).toEqual({ message: expect.any(SipMessage) });
    } else if (reaction === 'drop') {
      expect(result).toEqual({ drop: expect.stringContaining(says!) });
    } else {
      expect(result).toEqual({ message: expect.any(SipMessage), fault: { status: reaction, reason: expect.stringContaining(says!) } });
      const answer = SipMessage.responseTo(result.message!, reaction, result.fault!.reason);
      expect(answer.getAll('Via')).toEqual(result.message!.getAll('Via'));
      expect(answer.serialize().toString('latin1').split('\r\n')[0]).toBe(`SIP/2.0 ${reaction} ${result.fault!.reason}`);
    }
  });

  test.each(expectations.filter(({ reaction }) => reaction === 'accept'))('$section $file keeps its meaning when it is sent on', ({ file }) => {
    const message = accepted(rfc, file);
    const again = parseDatagram(message.serialize());
    expect(again.fault).toBeUndefined();
    expect(meaning(again.message!)).toEqual(meaning(message));
    expect(again.message!.contentLength).toBe(message.body.length);
  });
});

test('Bell, Alexander without quotes is refused for the comma too (RFC 4475 section 3.1.2.15)', () => {
  const octets = Buffer.concat([octetsOf('rfc4475', 'baddn.dat'), Buffer.from('\r\n')]);
  expect(parseDatagram(octets).fault).toEqual({ status: 400, reason: 'From is malformed' });
});

describe('what the torturous but valid messages say', () => {
  test('3.1.1.1: folded, spaced and compact fields', () => {
    const message = accepted('rfc4475', 'wsinv.dat');
    expect(message.to).toEqual({ uri: 'sip:vivekg@chair-dnrc.example.com', params: new Map([['tag', '1918181833n']]) });
    expect(message.from).toEqual({ displayName: 'J Rosenberg \\"', uri: 'sip:jdrosen@example.com', params: new Map([['tag', '98asjd8']]) });
    expect(message.maxForwards).toBe(68);
    expect(message.cseq).toEqual({ seq: 9, method: 'INVITE' });
    expect(message.topVia).toMatchObject({ transport: 'UDP', host: '192.0.2.2', branch: '390skdjuw' });
    expect(message.getAll('via')).toHaveLength(3);
    expect(message.get('Subject')).toBe('');
    expect(message.get('newfangledheader')).toBe('newfangled value continued newfangled value');
    expect(message.getAll('UnknownHeaderWithUnusualValue')).toEqual([';;,,;;,;']);
    expect(message.contacts).toEqual([
      { displayName: 'Quoted string ""', uri: 'sip:jdrosen@example.com', params: new Map([['newparam', 'newvalue'], ['secondparam', ''], ['q', '0.33']]) },
    ]);
    expect(parseUri(message.uri)?.params).toEqual(new Map([['unknownparam', '']]));
  });

  test('3.1.1.2: unusual characters', () => {
    const message = accepted('rfc4475', 'intmeth.dat');
    expect(message.method).toBe("!interesting-Method0123456789_*+`.%indeed'~");
    expect(message.cseq).toEqual({ seq: 139122385, method: message.method });
    expect(message.to?.displayName).toBe('BEL:\x07 NUL:\x00 DEL:\x7f');
    expect(message.from?.displayName).toBe("token1~` token2'+_ token3*%!.-");
    expect(message.from?.params.get("fromparam''~+*_!.-%")).toBe('работающий');
    expect(message.get("extensionHeader-!.%*+_`'~")).toBe('\ufeff大停電');
    expect(parseUri(message.uri)).toMatchObject({ user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*", password: "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)", host: 'example.com' });
  });

  test('3.1.1.3 and 3.1.1.5: escapes only where the grammar has them', () => {
    expect(parseUri(accepted('rfc4475', 'esc01.dat').uri)).toMatchObject({ user: 'sips%3Auser%40example.com', host: 'example.net' });
    const message = accepted('rfc4475', 'esc02.dat');
    expect(message.method).toBe('RE%47IST%45R');
    expect(message.contacts?.map(({ uri }) => uri)).toEqual(['sip:alias1@host1.example.com', 'sip:alias3@host3.example.com']);
    expect(message.get('C%6Fntact')).toBe('<sip:alias2@host2.example.com>');
  });

  test('3.1.1.8: the second message of the datagram is gone', () => {
    const message = accepted('rfc4475', 'dblreq.dat');
    expect(message.method).toBe('REGISTER');
    expect(message.body).toHaveLength(0);
  });

  test('3.1.1.9: a semicolon in the user part', () => {
    expect(parseUri(accepted('rfc4475', 'semiuri.dat').uri)).toEqual({ scheme: 'sip', user: 'user;par=u%40example.net', host: 'example.com', params: new Map() });
  });

  test('3.1.1.10: every transport', () => {
    const message = accepted('rfc4475', 'transports.dat');
    expect(message.getAll('Via').map((via) => /^SIP\/2\.0\/(\w+)/.exec(via)?.[1])).toEqual(['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP']);
  });

  test('3.1.1.11: a binary body, to the octet', () => {
    const octets = octetsOf('rfc4475', 'mpart01.dat');
    expect(accepted('rfc4475', 'mpart01.dat').body.equals(octets.subarray(octets.indexOf('\r\n\r\n') + 4))).toBe(true);
  });

  test('3.1.1.12 and 3.1.1.13: reason phrases', () => {
    expect(accepted('rfc4475', 'unreason.dat').reason).toBe('= 2**3 * 5**2 но сто девяносто девять - простое');
    expect(accepted('rfc4475', 'noreason.dat')).toMatchObject({ status: 100, reason: '' });
  });

  test('RFC 5118 4.3 and 4.4: where the port is', () => {
    const ambiguous = parseUri(accepted('rfc5118', 'port-ambiguous.dat').uri);
    expect(ambiguous?.host).toBe('2001:db8::10:5070');
    expect(ambiguous?.port).toBeUndefined();
    expect(parseUri(accepted('rfc5118', 'port-unambiguous.dat').uri)).toMatchObject({ host: '2001:db8::10', port: 5070 });
  });

  test('RFC 5118 4.5: received with and without brackets is the same address', () => {
    for (const file of ['via-received-param-with-delim.dat', 'via-received-param-no-delim.dat']) {
      expect(accepted('rfc5118', file).topVia?.params.get('received')).toBe('2001:db8::9:255');
    }
  });

  test('RFC 5118 4.10: three colons are two', () => {
    for (const file of ['ipv6-bug-abnf-3-colons.dat', 'ipv6-correct-abnf-2-colons.dat']) {
      expect(parseUri(accepted('rfc5118', file).uri)?.host).toBe('2001:db8::192.0.2.1');
    }
  });
});
