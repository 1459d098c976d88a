import { decode, encode } from '../../src/h323/per';
import { catToken, encodeSigned, gatekeeperPasswordHash, toTransportAddress, unaskedCaller, type HostPort, type SetupSender } from '../../src/h323/ras';
import { h225 } from '../../src/h323/schemas';
import { CORPUS } from './support/corpus';
import { mutate } from './support/mutate';
import { Random } from './support/random';
import { BASE, DIGITS, EX90, NAME, OTHER, REPORT, Zone } from './support/zone';

describe('discovery', () => {
  const ask = (zone: Zone, gatekeeperIdentifier?: string): Promise<h225.RasMessage | undefined> => zone.say({ gatekeeperRequest: {
    ...BASE, requestSeqNum: 9, rasAddress: toTransportAddress(EX90), endpointType: { mc: false, undefinedNode: false }, gatekeeperIdentifier, supportsAssignedGK: false,
  } });

  test('is confirmed to those that ask for this gatekeeper or for any', async () => {
    const zone = new Zone();
    expect(await ask(zone)).toMatchObject({ gatekeeperConfirm: { requestSeqNum: 9, gatekeeperIdentifier: 'etasilta' } });
    expect(await ask(zone, 'another')).toMatchObject({ gatekeeperReject: { requestSeqNum: 9, rejectReason: { terminalExcluded: null } } });
  });
});

describe('registration', () => {
  test('gives an endpoint its identifier, its aliases and the time to live', async () => {
    const zone = new Zone({ timeToLive: 120 });
    const confirm = await zone.register([NAME('EX90-1')], EX90, { timeToLive: 3600 });
    expect(confirm).toMatchObject({ terminalAlias: [NAME('EX90-1')], timeToLive: 120, gatekeeperIdentifier: 'etasilta' });
    expect(zone.gatekeeper.registrations.withAlias(NAME('ex90-1'))?.endpointIdentifier).toBe(confirm.endpointIdentifier);
    expect(zone.events).toEqual(['registered ex90-1']);
  });

  test('refuses aliases that the directory does not give to the endpoint, and names them', async () => {
    const zone = new Zone();
    expect(await zone.say(zone.request([NAME('stranger')]))).toMatchObject({ registrationReject: { rejectReason: { invalidTerminalAliases: { terminalAlias: [NAME('stranger')] } } } });
    expect(await zone.say(zone.request([NAME('ex90-1'), DIGITS('9890102')]))).toMatchObject({ registrationReject: { rejectReason: { invalidTerminalAliases: { terminalAlias: [DIGITS('9890102')] } } } });
    expect(zone.gatekeeper.registrations.size).toBe(0);
  });

  test('is kept alive by light-weight requests, and ends ten seconds after its time without them', async () => {
    const zone = new Zone({ timeToLive: 60 });
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
    const keepAlive = (): h225.RasMessage => zone.request([], { keepAlive: true, endpointIdentifier, terminalAlias: undefined });
    zone.now += 50_000;
    expect(await zone.say(keepAlive())).toMatchObject({ registrationConfirm: { endpointIdentifier } });
    zone.now += 69_000;
    zone.gatekeeper.tick();
    expect(zone.gatekeeper.registrations.size).toBe(1);
    zone.now += 1_000;
    zone.gatekeeper.tick();
    expect(zone.events).toEqual(['registered ex90-1', 'unregistered ex90-1 expired']);
    expect(await zone.say(keepAlive())).toMatchObject({ registrationReject: { rejectReason: { fullRegistrationRequired: null } } });
  });

  test('takes further aliases additively', async () => {
    const zone = new Zone();
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
    const answer = await zone.say(zone.request([DIGITS('9890101')], { additiveRegistration: null, endpointIdentifier }));
    expect(answer).toMatchObject({ registrationConfirm: { endpointIdentifier, terminalAlias: [NAME('ex90-1'), DIGITS('9890101')] } });
    expect(zone.gatekeeper.registrations.withAlias(DIGITS('9890101'))?.endpointIdentifier).toBe(endpointIdentifier);
  });

  test('of the same endpoint again takes the place of the first', async () => {
    const zone = new Zone();
    const first = await zone.register([NAME('ex90-1')]);
    const second = await zone.register([NAME('ex90-1')]);
    expect(second.endpointIdentifier).not.toBe(first.endpointIdentifier);
    expect(zone.gatekeeper.registrations.size).toBe(1);
  });

  test('of another address does not take away an alias that is registered', async () => {
    const zone = new Zone();
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
    expect(await zone.say(zone.request([NAME('ex90-1')], {}, OTHER), OTHER)).toMatchObject({ registrationReject: { rejectReason: { duplicateAlias: [NAME('ex90-1')] } } });
    expect(zone.gatekeeper.registrations.withAlias(NAME('ex90-1'))?.endpointIdentifier).toBe(endpointIdentifier);
  });

  test('ends for some aliases or for all', async () => {
    const zone = new Zone();
    const { endpointIdentifier } = await zone.register([NAME('ex90-1'), DIGITS('9890101')]);
    const leave = (endpointAlias?: h225.AliasAddress[], source = EX90): Promise<h225.RasMessage | undefined> =>
      zone.say({ unregistrationRequest: { requestSeqNum: zone.nextSequence, callSignalAddress: [], endpointIdentifier, endpointAlias } }, source);
    expect(await leave(undefined, OTHER)).toMatchObject({ unregistrationReject: { rejectReason: { notCurrentlyRegistered: null } } });
    expect(await leave([DIGITS('9890101')])).toHaveProperty('unregistrationConfirm');
    expect(zone.gatekeeper.registrations.withAlias(NAME('ex90-1'))).toBeDefined();
    expect(await leave()).toHaveProperty('unregistrationConfirm');
    expect(zone.gatekeeper.registrations.size).toBe(0);
  });

  test('is limited in number', async () => {
    const zone = new Zone({ maxRegistrations: 1 });
    await zone.register([NAME('ex90-1')]);
    expect(await zone.say(zone.request([NAME('ex90-2')], {}, OTHER), OTHER)).toMatchObject({ registrationReject: { rejectReason: { resourceUnavailable: null } } });
  });

  test('sent again gets the same answer', async () => {
    const zone = new Zone();
    const octets = encode(h225.RasMessage, zone.request([NAME('ex90-1')]));
    const answers = await Promise.all([1, 2].map(() => zone.gatekeeper.handle(octets, EX90)));
    expect(answers[0]!.octets.equals(answers[1]!.octets)).toBe(true);
    expect(zone.events).toEqual(['registered ex90-1']);
  });
});

describe('a password', () => {
  const seconds = (zone: Zone): number => Math.floor(zone.now / 1000);
  const withCat = (zone: Zone, password: string, at = seconds(zone), random = 7): h225.RasMessage => zone.request([NAME('room')], { tokens: [catToken('room', password, at, random)] });

  test('is proven by a Cisco access token, once', async () => {
    const zone = new Zone();
    expect(await zone.say(withCat(zone, 'salasana'))).toHaveProperty('registrationConfirm');
    expect(await zone.say(withCat(zone, 'salasana'))).toMatchObject({ registrationReject: { rejectReason: { securityDenial: null } } });
    expect(await zone.say(withCat(zone, 'salasana', seconds(zone), 8))).toHaveProperty('registrationConfirm');
    expect(zone.events).toContain('refused registrationRequest replayed');
  });

  test.each([
    ['no token', (zone: Zone) => zone.request([NAME('room')]), 'missing'],
    ['another password', (zone: Zone) => withCat(zone, 'arvaus'), 'wrong'],
    ['a token of an hour ago', (zone: Zone) => withCat(zone, 'salasana', seconds(zone) - 3600), 'clock'],
  ])('is not proven by %s', async (_, request, why) => {
    const zone = new Zone();
    expect(await zone.say(request(zone))).toMatchObject({ registrationReject: { rejectReason: { securityDenial: null } } });
    expect(zone.events).toEqual([`refused registrationRequest ${why}`]);
  });

  test('hashed by MD5 may be used again within its second by the one who used it, and by nobody else', async () => {
    const zone = new Zone();
    const request = (source: HostPort): h225.RasMessage => zone.request([NAME('room')], { cryptoTokens: [gatekeeperPasswordHash('room', 'salasana', seconds(zone))] }, source);
    expect(await zone.say(request(EX90))).toHaveProperty('registrationConfirm');
    expect(await zone.say(request(EX90))).toHaveProperty('registrationConfirm');
    expect(await zone.say(request(OTHER), OTHER)).toMatchObject({ registrationReject: { rejectReason: { securityDenial: null } } });
    expect(zone.events).toContain('refused registrationRequest replayed');
  });

  const sign = (zone: Zone, message: h225.RasMessage, password = 'salasana', random = 1): Buffer => {
    const [name, body] = Object.entries(message)[0] as [string, object];
    return encodeSigned((cryptoTokens) => ({ [name]: { ...body, cryptoTokens } }) as unknown as h225.RasMessage,
      { password, sendersID: 'room', generalID: 'etasilta', timeStamp: seconds(zone), random }, Buffer.from('a hash of 12'));
  };

  test('is proven by an H.235.1 token over the message, whose answer is signed as well', async () => {
    const zone = new Zone();
    const answer = decode(h225.RasMessage, (await zone.gatekeeper.handle(sign(zone, zone.request([NAME('room')])), EX90))!.octets);
    expect(answer).toMatchObject({ registrationConfirm: { cryptoTokens: [{ nestedcryptoToken: { cryptoHashedToken: { hashedVals: { sendersID: 'etasilta' } } } }] } });
    expect(decode(h225.RasMessage, (await zone.gatekeeper.handle(sign(zone, zone.request([NAME('room')]), 'arvaus', 2), EX90))!.octets)).toHaveProperty('registrationReject');
    // One octet of the message changed: the hash covers it.
    const changed = sign(zone, zone.request([NAME('room')]), 'salasana', 3);
    changed.write('192', changed.indexOf(Buffer.from([192, 0, 2, 10])), 'latin1');
    expect(decode(h225.RasMessage, (await zone.gatekeeper.handle(changed, EX90))!.octets)).toHaveProperty('registrationReject');
  });
});

describe('a registration that says more', () => {
  test('in full, with its identifier, renews what is there and names the aliases anew', async () => {
    const zone = new Zone();
    const { endpointIdentifier } = await zone.register([NAME('ex90-1'), DIGITS('9890101')]);
    await zone.say(zone.admission(endpointIdentifier, [NAME('ex90-1')]));
    expect((await zone.register([NAME('ex90-1')], EX90, { endpointIdentifier })).endpointIdentifier).toBe(endpointIdentifier);
    expect(zone.gatekeeper.registrations.withAlias(DIGITS('9890101'))).toBeUndefined();
    expect(zone.gatekeeper.admissions.size).toBe(1);
    // One that has started anew has no calls.
    expect((await zone.register([NAME('ex90-1')], EX90, { endpointIdentifier, restart: null })).endpointIdentifier).not.toBe(endpointIdentifier);
    expect(zone.gatekeeper.admissions.size).toBe(0);
  });

  test('does not add the aliases of another device', async () => {
    const zone = new Zone();
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
    expect(await zone.say(zone.request([NAME('ex90-2')], { additiveRegistration: null, endpointIdentifier }))).toMatchObject({ registrationReject: { rejectReason: { invalidTerminalAliases: { terminalAlias: [NAME('ex90-2')] } } } });
  });
});

describe('admission that is granted beforehand', () => {
  const preGrantedSignalling: HostPort = { host: '192.0.2.1', port: 1720 };
  const all = { makeCall: true, useGKCallSignalAddressToMakeCall: true, answerCall: true, useGKCallSignalAddressToAnswer: true };

  test('is not, unless that is wanted', async () => {
    const confirm = await new Zone().register([NAME('ex90-1')]);
    expect(confirm).not.toHaveProperty('preGrantedARQ');
    expect(confirm.callSignalAddress).toEqual([]);
  });

  test('tells where calls go, how often they are reported and what they may take; in confirmations of keep-alives, too', async () => {
    const zone = new Zone({ preGrantedSignalling, bandwidthOfCall: 6_000, reportInterval: 30 });
    const granted = { callSignalAddress: [toTransportAddress(preGrantedSignalling)], preGrantedARQ: { ...all, irrFrequencyInCall: 30, totalBandwidthRestriction: 6_000 } };
    const confirm = await zone.register([NAME('ex90-1')]);
    expect(confirm).toMatchObject(granted);
    expect(await zone.say(zone.request([], { keepAlive: true, endpointIdentifier: confirm.endpointIdentifier, terminalAlias: undefined }))).toMatchObject({ registrationConfirm: granted });
    // The line of the site is narrower than what one call may take.
    expect((await new Zone({ preGrantedSignalling, bandwidthOfCall: 60_000 }).register([NAME('ex90-1')])).preGrantedARQ).toMatchObject({ ...all, irrFrequencyInCall: 60, totalBandwidthRestriction: 10_000 });
  });

  test('lets one that has a password answer calls only: for each that it makes it proves the password', async () => {
    const zone = new Zone({ preGrantedSignalling });
    const confirm = await zone.register([NAME('room')], EX90, { tokens: [catToken('room', 'salasana', Math.floor(zone.now / 1000), 7)] });
    expect(confirm.preGrantedARQ).toEqual({ makeCall: false, useGKCallSignalAddressToMakeCall: false, answerCall: true, useGKCallSignalAddressToAnswer: true, irrFrequencyInCall: 60 });
  });

  test('knows who calls by the endpoint identifier of Setup, or an alias, from the host that registered it', async () => {
    const zone = new Zone({ preGrantedSignalling });
    const { registrations } = zone.gatekeeper;
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
    const caller = (sender: Omit<SetupSender, 'aliases'> & Partial<SetupSender>): string | undefined => unaskedCaller({ aliases: [], ...sender }, registrations, zone.now)?.name;
    const { host } = EX90;
    expect(caller({ host, endpointIdentifier })).toBe('ex90-1');
    expect(caller({ host, aliases: [NAME('someone'), NAME('EX90-1')] })).toBe('ex90-1');
    expect(caller({ host: OTHER.host, endpointIdentifier })).toBeUndefined();
    expect(caller({ host: OTHER.host, aliases: [NAME('ex90-1')] })).toBeUndefined();
    expect(caller({ host, endpointIdentifier: 'another', aliases: [NAME('ex90-1')] })).toBeUndefined();
    expect(caller({ host })).toBeUndefined();
    zone.now += 1_000_000;
    expect(caller({ host, endpointIdentifier })).toBeUndefined();
  });

  test('knows those behind a router by the identifier only, and nobody who has a password', async () => {
    const zone = new Zone({ preGrantedSignalling });
    const { registrations } = zone.gatekeeper;
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')], EX90, { callSignalAddress: [toTransportAddress({ host: '10.0.0.5', port: 1720 })] });
    expect(registrations.get(endpointIdentifier)?.behindNat).toBe(true);
    const sender = { host: EX90.host, aliases: [NAME('ex90-1'), NAME('room')] };
    expect(unaskedCaller(sender, registrations, zone.now)).toBeUndefined();
    expect(unaskedCaller({ ...sender, endpointIdentifier }, registrations, zone.now)?.name).toBe('ex90-1');
    const room = await zone.register([NAME('room')], OTHER, { tokens: [catToken('room', 'salasana', Math.floor(zone.now / 1000), 7)] });
    expect(unaskedCaller({ host: OTHER.host, aliases: [NAME('room')], endpointIdentifier: room.endpointIdentifier }, registrations, zone.now)).toBeUndefined();
  });
});

describe('admission', () => {
  test('sends a call to the endpoint that is registered under the alias, and nowhere else', async () => {
    const zone = new Zone();
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
    await zone.register([NAME('ex90-2'), DIGITS('9890102')], OTHER);
    expect(await zone.say(zone.admission(endpointIdentifier, [DIGITS('9890102')]))).toMatchObject({ admissionConfirm: {
      bandWidth: 3840, callModel: { direct: null }, destCallSignalAddress: toTransportAddress({ ...OTHER, port: 1720 }),
    } });
    expect(await zone.say(zone.admission(endpointIdentifier, [DIGITS('112')]))).toMatchObject({ admissionReject: { rejectReason: { calledPartyNotRegistered: null } } });
    expect(await zone.say(zone.admission('someone', [DIGITS('9890102')]))).toMatchObject({ admissionReject: { rejectReason: { callerNotRegistered: null } } });
    expect(await zone.say(zone.admission(endpointIdentifier, [DIGITS('9890102')]), OTHER)).toMatchObject({ admissionReject: { rejectReason: { callerNotRegistered: null } } });
  });

  test('routes the signalling through the gatekeeper where that is wanted', async () => {
    const address = { host: '192.0.2.1', port: 1720 };
    const zone = new Zone({ route: () => ({ address, model: 'gatekeeperRouted' }) });
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
    expect(await zone.say(zone.admission(endpointIdentifier, [NAME('kela.fi')]))).toMatchObject({ admissionConfirm: { destCallSignalAddress: toTransportAddress(address), callModel: { gatekeeperRouted: null } } });
  });

  test('shares the bandwidth of a site among its calls, and gets it back from them', async () => {
    const zone = new Zone({ bandwidthOfCall: 6000 });
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
    await zone.register([NAME('ex90-2')], OTHER);
    const first = zone.admission(endpointIdentifier, [NAME('ex90-2')], 20_000);
    const call = (first as { admissionRequest: h225.AdmissionRequest }).admissionRequest;
    const identity = { endpointIdentifier, conferenceID: call.conferenceID, callReferenceValue: 1, callIdentifier: call.callIdentifier, answeredCall: false };
    const granted = async (message: h225.RasMessage): Promise<unknown> => Object.values((await zone.say(message))!)[0];
    expect(await granted(first)).toMatchObject({ bandWidth: 6000 });
    expect(await granted(zone.admission(endpointIdentifier, [NAME('ex90-2')], 6000))).toMatchObject({ bandWidth: 4000 });
    expect(await granted(zone.admission(endpointIdentifier, [NAME('ex90-2')], 6000))).toMatchObject({ rejectReason: { requestDenied: null } });
    expect(await granted({ bandwidthRequest: { ...identity, requestSeqNum: zone.nextSequence, bandWidth: 2000 } })).toMatchObject({ bandWidth: 2000 });
    expect(await granted({ bandwidthRequest: { ...identity, requestSeqNum: zone.nextSequence, bandWidth: 7000 } })).toMatchObject({ rejectReason: { insufficientResources: null }, allowedBandWidth: 6000 });
    expect(await zone.say({ disengageRequest: { ...identity, requestSeqNum: zone.nextSequence, disengageReason: { normalDrop: null } } })).toHaveProperty('disengageConfirm');
    expect(await granted(zone.admission(endpointIdentifier, [NAME('ex90-2')], 6000))).toMatchObject({ bandWidth: 6000 });
    expect(zone.gatekeeper.admissions.size).toBe(2);
    await zone.say({ unregistrationRequest: { requestSeqNum: zone.nextSequence, callSignalAddress: [], endpointIdentifier } });
    expect(zone.gatekeeper.admissions.size).toBe(0);
  });
});

describe('requests of the gatekeeper', () => {
  test('end a registration, and say why', async () => {
    const zone = new Zone();
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
    expect(zone.gatekeeper.expel(endpointIdentifier, { reregistrationRequired: null })).toBe(true);
    expect(zone.sent).toMatchObject([{ to: EX90, message: { unregistrationRequest: { endpointIdentifier, reason: { reregistrationRequired: null } } } }]);
    expect(zone.events).toContain('unregistered ex90-1 gatekeeper');
    expect(zone.gatekeeper.expel(endpointIdentifier, { undefinedReason: null })).toBe(false);
  });

  test('are sent again when no answer comes, and then given up', async () => {
    const zone = new Zone();
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
    const status = zone.gatekeeper.askStatus(endpointIdentifier);
    zone.pass(3_000);
    expect(zone.sent).toHaveLength(2);
    expect(zone.sent[1]).toEqual(zone.sent[0]);
    zone.pass(3_000);
    expect(await status).toBeUndefined();
    expect(zone.sent).toHaveLength(2);
  });

  test('ask for the status of an endpoint; nobody else answers for it', async () => {
    const zone = new Zone();
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
    const status = zone.gatekeeper.askStatus(endpointIdentifier);
    const { requestSeqNum } = zone.last('infoRequest');
    await zone.say(REPORT(endpointIdentifier, requestSeqNum, { endpointAlias: [NAME('false')] }), OTHER);
    await zone.say(REPORT(endpointIdentifier, requestSeqNum, { endpointAlias: [NAME('true')] }));
    expect(await status).toMatchObject({ endpointAlias: [NAME('true')] });
  });

  test('wait longer for one that says that it needs time', async () => {
    const zone = new Zone();
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
    const status = zone.gatekeeper.askStatus(endpointIdentifier);
    const { requestSeqNum } = zone.last('infoRequest');
    await zone.say({ requestInProgress: { requestSeqNum, delay: 20_000 } });
    zone.pass(15_000);
    expect(zone.sent).toHaveLength(1);
    await zone.say(REPORT(endpointIdentifier, requestSeqNum));
    expect(await status).toMatchObject({ endpointIdentifier });
  });

  test('ask a sender to wait for what takes its time', () => {
    const zone = new Zone();
    const request = zone.request([NAME('ex90-1')]);
    expect(decode(h225.RasMessage, zone.gatekeeper.inProgress(encode(h225.RasMessage, request))!)).toMatchObject({ requestInProgress: { requestSeqNum: 1, delay: 5000 } });
    expect(zone.gatekeeper.inProgress(Buffer.from('x'))).toBeUndefined();
  });
});

describe('reports of endpoints', () => {
  test('that nobody asked for are heard and acknowledged', async () => {
    const reports: number[] = [];
    const zone = new Zone({ observer: { reported: (_, { perCallInfo }) => reports.push(perCallInfo?.length ?? 0) } });
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
    expect(await zone.say(REPORT(endpointIdentifier, 7, { needResponse: true }))).toMatchObject({ infoRequestAck: { requestSeqNum: 7 } });
    expect(await zone.say(REPORT(endpointIdentifier, 8, { needResponse: true }), OTHER)).toHaveProperty('infoRequestNak');
    expect(reports).toEqual([0]);
  });

  test('keep calls; a call that its endpoint does not report is asked for, and over without an answer', async () => {
    const zone = new Zone({ timeToLive: 86_400, reportInterval: 60 });
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
    const first = zone.admission(endpointIdentifier, [NAME('ex90-1')], 640);
    const second = zone.admission(endpointIdentifier, [NAME('ex90-1')], 640);
    await zone.say(first);
    await zone.say(second);
    const { callIdentifier, conferenceID, callReferenceValue } = (first as { admissionRequest: h225.AdmissionRequest }).admissionRequest;
    const perCallInfo = [{ callReferenceValue, conferenceID, callIdentifier, h245: {}, callSignalling: {}, callType: { pointToPoint: null }, bandWidth: 640, callModel: { direct: null }, substituteConfIDs: [] }];
    zone.pass(119_000);
    await zone.say(REPORT(endpointIdentifier, 9, { perCallInfo, unsolicited: true }));
    zone.pass(2_000);
    expect(zone.sent.map(({ message }) => Object.keys(message)[0])).toEqual(['infoRequest']);
    expect(zone.last('infoRequest').callIdentifier).not.toEqual(callIdentifier);
    zone.pass(60_000);
    expect([...zone.gatekeeper.admissions].map((call) => call.callIdentifier)).toEqual([callIdentifier!.guid]);
  });

  test('that do not have the call that was asked for end it', async () => {
    const zone = new Zone({ timeToLive: 86_400, reportInterval: 60 });
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
    await zone.say(zone.admission(endpointIdentifier, [NAME('ex90-1')]));
    zone.pass(121_000);
    await zone.say(REPORT(endpointIdentifier, zone.last('infoRequest').requestSeqNum));
    await zone.settled();
    expect(zone.gatekeeper.admissions.size).toBe(0);
  });
});

describe('calls that this side changes', () => {
  test('get another bandwidth when the endpoint agrees, and end at its request', async () => {
    const zone = new Zone();
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
    await zone.say(zone.admission(endpointIdentifier, [NAME('ex90-1')], 3840));
    const changed = zone.gatekeeper.changeBandwidth([...zone.gatekeeper.admissions][0]!, 1920);
    await zone.say({ bandwidthConfirm: { requestSeqNum: zone.last('bandwidthRequest').requestSeqNum, bandWidth: 1920 } });
    expect(await changed).toBe(true);
    expect(zone.gatekeeper.bandwidth.usedBy('ahtari')).toBe(1920);
    const dropped = zone.gatekeeper.drop([...zone.gatekeeper.admissions][0]!);
    expect(zone.last('disengageRequest')).toMatchObject({ disengageReason: { forcedDrop: null } });
    await zone.say({ disengageConfirm: { requestSeqNum: zone.last('disengageRequest').requestSeqNum } });
    expect(await dropped).toBe(true);
    expect(zone.gatekeeper.bandwidth.usedBy('ahtari')).toBe(0);
  });
});

describe('other requests', () => {
  test('resources are noted of registered endpoints; what is not understood is said to be so; what is no RAS gets no answer', async () => {
    const zone = new Zone();
    const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
    const indicate = (identifier: string): h225.RasMessage => ({ resourcesAvailableIndicate: { ...BASE, requestSeqNum: zone.nextSequence, endpointIdentifier: identifier, protocols: [], almostOutOfResources: true } });
    expect(await zone.say(indicate(endpointIdentifier))).toHaveProperty('resourcesAvailableConfirm');
    expect(zone.gatekeeper.registrations.get(endpointIdentifier)).toMatchObject({ almostOutOfResources: true });
    expect(await zone.say(indicate('x'))).toBeUndefined();
    expect(await zone.say({ nonStandardMessage: { requestSeqNum: 5, nonStandardData: { nonStandardIdentifier: { object: '1.2.3' }, data: Buffer.alloc(1) } } })).toMatchObject({ unknownMessageResponse: { requestSeqNum: 5 } });
    expect(await zone.gatekeeper.handle(Buffer.from('hello'), EX90)).toBeUndefined();
    expect(await zone.say({ registrationConfirm: { ...BASE, requestSeqNum: 1, callSignalAddress: [], endpointIdentifier: 'x', willRespondToIRR: false, maintainConnection: false } })).toBeUndefined();
  });
});

test('100,000 mutated messages of a stranger: none is thrown at, and who is registered stays registered and works', async () => {
  const zone = new Zone({ maxRegistrations: 50 });
  const { endpointIdentifier } = await zone.register([NAME('ex90-1')]);
  const recorded = [
    ...CORPUS.filter(({ kind }) => kind === 'ras').map(({ octets }) => octets),
    ...[zone.request([NAME('ex90-1')]), zone.request([NAME('ex90-2')]), zone.admission(endpointIdentifier, [NAME('ex90-1')])].map((message) => encode(h225.RasMessage, message)),
  ];
  const random = new Random(3);
  for (let i = 0; i < 100_000; i++) await zone.gatekeeper.handle(mutate(recorded[i % recorded.length]!, random), { ...OTHER, port: 1 + (i % 60_000) });
  expect(zone.gatekeeper.registrations.get(endpointIdentifier)).toMatchObject({ name: 'ex90-1', source: EX90 });
  expect(zone.gatekeeper.registrations.size).toBeLessThanOrEqual(2);
  expect(await zone.say(zone.request([], { keepAlive: true, endpointIdentifier, terminalAlias: undefined }))).toHaveProperty('registrationConfirm');
}, 120_000);
