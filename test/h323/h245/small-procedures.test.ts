import { fitFor } from '../../../src/h323/h245/peer';
import { encode } from '../../../src/h323/per';
import { h245 } from '../../../src/h323/schemas';
import { ALAW, audio, CAPABILITIES, H263, names, readyMeeting, ULAW, type Meeting, type Party } from './support/party';

type Message = h245.MultimediaSystemControlMessage;
const code = (error: { code: string }): string => error.code;

/** A meeting in which `a` sends in channel 1, and what `b`'s or `a`'s handler was given. */
async function withChannel(handler: string): Promise<Meeting & { given: unknown[] }> {
  const given: unknown[] = [];
  const options = { handlers: { [handler]: (value: unknown) => void given.push(value) } };
  const met = await readyMeeting(options, options);
  await Promise.all([met.a.session.open(audio()), met.time.pass(100)]);
  met.a.wire.sent.splice(0);
  met.b.wire.sent.splice(0);
  return { ...met, given };
}

/** What a session answers to a message, after the exchange. */
async function answerTo(message: Message, options: ConstructorParameters<typeof Party>[3] = {}): Promise<Message[]> {
  const { b } = await readyMeeting({}, options);
  b.wire.say(message);
  return b.wire.sent;
}

describe('round-trip delay', () => {
  test('is measured', async () => {
    const { a, time } = await readyMeeting();
    const [ms] = await Promise.all([a.session.roundTrip(), time.pass(100)]);
    expect(ms).toBe(10);
  });

  test('asked for anew: the older one is given up, its answer does not count', async () => {
    const { a, time } = await readyMeeting();
    const older = a.session.roundTrip().catch(code);
    await time.pass(3);
    const [ms] = await Promise.all([a.session.roundTrip(), time.pass(100)]);
    expect([await older, ms]).toEqual(['h245-closed', 10]);
  });
});

describe('mode requests', () => {
  const modes: h245.ModeDescription[] = [[{ type: { audioMode: { g711Alaw64k: null } } }], [{ type: { audioMode: { g711Ulaw64k: null } } }]];

  test.each(['mostPreferred', 'lessPreferred'] as const)('are granted: %s', async (answer) => {
    const { a, time } = await readyMeeting({}, { handlers: { modeRequested: (asked) => (asked.length === 2 ? answer : { refuse: { requestDenied: null } }) } });
    expect((await Promise.all([a.session.requestMode(modes), time.pass(100)]))[0]).toBe(answer);
  });

  test('are refused with a cause, and where nobody listens', async () => {
    for (const handlers of [{ modeRequested: () => ({ refuse: { modeUnavailable: null } }) }, {}]) {
      const { a, time } = await readyMeeting({}, { handlers });
      const [error] = await Promise.all([a.session.requestMode(modes).catch((thrown: Error) => thrown.message), time.pass(100)]);
      expect(error).toContain('modeRequested' in handlers ? 'modeUnavailable' : 'requestDenied');
    }
  });

  test('are released when there is no answer in time (T109)', async () => {
    const { a, b, time } = await readyMeeting();
    b.wire.close();
    const [error] = await Promise.all([a.session.requestMode(modes).catch(code), time.pass(11_000)]);
    expect(error).toBe('h245-timeout');
    expect(names(a.wire.sent)).toEqual(['request requestMode', 'indication requestModeRelease']);
  });
});

describe('commands and indications', () => {
  test('flow control tells the sender its limit, of one channel and of all', async () => {
    const { a, b, time, given } = await withChannel('flowControl');
    const [channel] = b.session.channels;
    b.session.flowControl({ channel: channel!, maximumBitRate: 640 });
    b.session.flowControl({ channel: channel! });
    b.session.flowControl({ maximumBitRate: 0 });
    b.wire.send({ command: { flowControlCommand: { scope: { logicalChannelNumber: 99 }, restriction: { noRestriction: null } } } });
    await time.pass(100);
    const [sending] = a.session.channels;
    expect(given).toEqual([{ channel: sending, maximumBitRate: 640 }, { channel: sending }, { maximumBitRate: 0 }]);
  });

  test.each<[string, h245.MiscellaneousCommand['type']]>([
    ['a whole picture', { videoFastUpdatePicture: null }],
    ['some groups of blocks', { videoFastUpdateGOB: { firstGOB: 1, numberOfGOBs: 3 } }],
    ['some macroblocks', { videoFastUpdateMB: { firstGOB: 2, firstMB: 1, numberOfMBs: 10 } }],
    ['a frozen picture', { videoFreezePicture: null }],
    ['another trade-off', { videoTemporalSpatialTradeOff: 12 }],
  ])('a command for %s comes with the channel that it is for', async (_, type) => {
    const { a, b, time, given } = await withChannel('miscellaneousCommand');
    b.session.command(b.session.channels[0]!, type);
    await time.pass(100);
    expect(given).toEqual([{ number: 1, channel: a.session.channels[0], type, direction: undefined }]);
  });

  test('where nobody listens, they are passed over', async () => {
    const { b, a, time } = await readyMeeting();
    b.session.command({ number: 1 }, { videoTemporalSpatialTradeOff: 3 });
    b.session.indicate({ number: 1 }, { logicalChannelInactive: null });
    b.session.sendUserInput('5');
    await time.pass(100);
    expect(a.wire.sent).toEqual([]);
  });

  test('who is limited says what it keeps to', async () => {
    const { a, b, time } = await withChannel('flowControl');
    b.session.flowControl({ channel: b.session.channels[0]!, maximumBitRate: 640 });
    await time.pass(100);
    expect(a.wire.sent).toEqual([{ indication: { flowControlIndication: { scope: { logicalChannelNumber: 1 }, restriction: { maximumBitRate: 640 } } } }]);
  });

  test('a command that is not acted upon is answered so', async () => {
    const options = { handlers: { miscellaneousCommand: () => false } };
    const { a, b, time } = await readyMeeting(options, options);
    a.wire.sent.splice(0);
    b.session.command({ number: 1 }, { videoFreezePicture: null });
    await time.pass(100);
    expect(names(a.wire.sent)).toEqual(['indication functionNotSupported']);
  });

  test('a wish for a mode that a newer one has overtaken is not answered', async () => {
    const settle: ((answer: 'mostPreferred') => void)[] = [];
    const { a, b, time } = await readyMeeting({}, { handlers: { modeRequested: () => new Promise((resolve) => { settle.push(resolve); }) } });
    b.wire.sent.splice(0);
    a.session.requestMode([[{ type: { audioMode: { g728: null } } }]]).catch(() => undefined);
    const newer = a.session.requestMode([[{ type: { audioMode: { g711Alaw64k: null } } }]]);
    await time.pass(100);
    for (const answer of settle) answer('mostPreferred');
    await Promise.all([newer, time.pass(100)]);
    expect(names(b.wire.sent)).toEqual(['response requestModeAck']);
  });

  test('keys of encryption go with the direction that they are for', async () => {
    const { b, a, time, given } = await withChannel('miscellaneousCommand');
    const type = { encryptionUpdate: { synchFlag: 96, h235Key: Buffer.from('00', 'hex') } };
    a.session.command(a.session.channels[0]!, type, { masterToSlave: null });
    await time.pass(100);
    expect(given).toEqual([{ number: 1, channel: undefined, type, direction: { masterToSlave: null } }]);
    expect(b.session.channels).toHaveLength(1);
  });

  test('an indication of being muted comes with the channel', async () => {
    const { a, b, time, given } = await withChannel('miscellaneousIndication');
    a.session.indicate(a.session.channels[0]!, { logicalChannelInactive: null });
    await time.pass(100);
    expect(given).toEqual([{ number: 1, channel: b.session.channels[0], type: { logicalChannelInactive: null } }]);
  });

  test('a communication mode is handed on, or not supported', async () => {
    const command: Message = { command: { communicationModeCommand: { communicationModeTable: [
      { sessionID: 1, sessionDescription: 'audio', dataType: { audioData: { g711Ulaw64k: 20 } } },
    ] } } };
    const tables: unknown[] = [];
    expect(await answerTo(command, { handlers: { communicationMode: (table) => void tables.push(table) } })).toEqual([]);
    expect(tables).toMatchObject([[{ sessionID: 1 }]]);
    expect(names(await answerTo(command))).toEqual(['indication functionNotSupported']);
  });
});

describe('user input', () => {
  const heard = async (send: (session: Party['session']) => void, capability?: h245.UserInputCapability): Promise<unknown[]> => {
    const inputs: unknown[] = [];
    const { a, b, time } = await readyMeeting({}, { handlers: { userInput: (input) => void inputs.push(input) } });
    await Promise.all([b.session.setCapabilities({
      capabilityTable: [{ capabilityTableEntryNumber: 3, ...(capability && { capability: { receiveUserInputCapability: capability } }) }],
    }), time.pass(100)]);
    send(a.session);
    await time.pass(100);
    return inputs;
  };

  test('goes as tones to a peer that takes them', async () => {
    expect(await heard((session) => session.sendUserInput('1#D', 120), { dtmf: null })).toEqual([...'1#D'].map((text) => ({ text, durationMs: 120, form: 'signal' })));
  });

  test('goes as characters to any other, and what is no tone does to all', async () => {
    expect(await heard((session) => session.sendUserInput('12', 120), { basicString: null })).toEqual([{ text: '12', form: 'alphanumeric' }]);
    expect(await heard((session) => session.sendUserInput('12'))).toEqual([{ text: '12', form: 'alphanumeric' }]);
    expect(await heard((session) => session.sendUserInput('Z'), { dtmf: null })).toEqual([{ text: 'Z', form: 'alphanumeric' }]);
  });

  test('hook flash is a tone to those that know it', async () => {
    expect(await heard((session) => session.sendUserInput('!'), { hookflash: null })).toEqual([{ text: '!', durationMs: undefined, form: 'signal' }]);
    expect(await heard((session) => session.sendUserInput('!'), { dtmf: null })).toEqual([{ text: '!', form: 'alphanumeric' }]);
  });

  test('the duration of a tone is corrected where there are tones', async () => {
    expect(await heard((session) => session.updateSignal(99_999), { dtmf: null })).toEqual([{ text: '', durationMs: 65_535, form: 'signalUpdate' }]);
    expect(await heard((session) => session.updateSignal(500), { basicString: null })).toEqual([]);
  });

  test('has a bound', async () => {
    const { a } = await readyMeeting();
    expect(() => a.session.sendUserInput('1'.repeat(257))).toThrow(expect.objectContaining({ code: 'h245-limit' }));
  });
});

describe('generic messages', () => {
  const message: h245.GenericMessage = { messageIdentifier: { standard: '0.0.8.239.2' }, subMessageIdentifier: 1, messageContent: [{ parameterIdentifier: { standard: 42 }, parameterValue: { unsignedMin: 2 } }] };

  test.each(['request', 'response', 'command', 'indication'] as const)('a %s is handed on', async (kind) => {
    const taken: unknown[] = [];
    const { a, b, time } = await readyMeeting({}, { handlers: { generic: (given) => taken.push(given) > 0 } });
    expect(a.session.sendGeneric({ kind, message })).toBe(true);
    await time.pass(100);
    expect(taken).toEqual([{ kind, message }]);
    expect(b.wire.sent).toEqual([]);
  });

  test('requests and commands that nobody takes are not supported', async () => {
    expect(names(await answerTo({ request: { genericRequest: message } }))).toEqual(['indication functionNotSupported']);
    expect(names(await answerTo({ command: { genericCommand: message } }, { handlers: { generic: () => false } }))).toEqual(['indication functionNotSupported']);
    expect(await answerTo({ indication: { genericIndication: message } })).toEqual([]);
    expect(await answerTo({ response: { genericResponse: message } })).toEqual([]);
  });

  test('are not sent to a peer that is too old for them', async () => {
    const { a } = await readyMeeting();
    a.wire.say({ request: { terminalCapabilitySet: { ...CAPABILITIES, sequenceNumber: 2, protocolIdentifier: '0.0.8.245.0.7' } } });
    a.wire.sent.splice(0);
    expect(a.session.sendGeneric({ kind: 'request', message })).toBe(false);
    expect(a.wire.sent).toEqual([]);
    // One that says that it has such a protocol is taken at its word.
    a.wire.say({ request: { terminalCapabilitySet: { sequenceNumber: 3, protocolIdentifier: '0.0.8.245.0.7', capabilityTable: [
      { capabilityTableEntryNumber: 40, capability: { genericControlCapability: { capabilityIdentifier: { standard: '0.0.8.239.1.1' } } } },
    ] } } });
    expect(a.session.sendGeneric({ kind: 'request', message })).toBe(true);
  });
});

describe('what this side does not do', () => {
  const LABEL = { mcuNumber: 1, terminalNumber: 2 };

  test.each<[string, h245.RequestMessage, string]>([
    ['the chair', { conferenceRequest: { makeMeChair: null } }, 'makeMeChairResponse'],
    ['dropping a terminal', { conferenceRequest: { dropTerminal: LABEL } }, 'terminalDropReject'],
    ['broadcasting a channel', { conferenceRequest: { broadcastMyLogicalChannel: 1 } }, 'broadcastMyLogicalChannelResponse'],
    ['making a broadcaster', { conferenceRequest: { makeTerminalBroadcaster: LABEL } }, 'makeTerminalBroadcasterResponse'],
    ['another source', { conferenceRequest: { sendThisSource: LABEL } }, 'sendThisSourceResponse'],
    ['a remote controller', { conferenceRequest: { remoteMCRequest: { masterActivate: null } } }, 'remoteMCResponse'],
    ['a loop', { maintenanceLoopRequest: { type: { mediaLoop: 1 } } }, 'maintenanceLoopReject'],
    ['another rate', { logicalChannelRateRequest: { sequenceNumber: 1, logicalChannelNumber: 1, maximumBitRate: 640 } }, 'logicalChannelRateReject'],
    ['a multiplex entry', { multiplexEntrySend: { sequenceNumber: 1, multiplexEntryDescriptors: [{ multiplexTableEntryNumber: 1 }] } }, 'multiplexEntrySendReject'],
    ['to send a multiplex entry', { requestMultiplexEntry: { entryNumbers: [1] } }, 'requestMultiplexEntryReject'],
  ])('%s is refused', async (_, request, refusal) => {
    const [answer] = await answerTo({ request });
    const response = (answer as { response: Record<string, object> }).response;
    expect([Object.keys(response)[0], Object.keys(response.conferenceResponse ?? {})[0]]).toEqual('conferenceRequest' in request ? ['conferenceResponse', refusal] : [refusal, undefined]);
  });

  test('requests that have no refusal are returned as not supported', async () => {
    const request: Message = { request: { conferenceRequest: { terminalListRequest: null } } };
    expect(await answerTo(request)).toEqual([{ indication: { functionNotSupported: { cause: { unknownFunction: null }, returnedFunction: encode(h245.MultimediaSystemControlMessage, request) } } }]);
    expect(names(await answerTo({ request: { multilinkRequest: { maximumHeaderInterval: { requestType: { currentIntervalInformation: null } } } } }))).toEqual(['indication functionNotSupported']);
    expect(names(await answerTo({ command: { encryptionCommand: { encryptionAlgorithmID: { h233AlgorithmIdentifier: 1, associatedAlgorithm: { nonStandardIdentifier: { object: '1.2.3' }, data: Buffer.alloc(1) } } } } }))).toEqual(['indication functionNotSupported']);
  });

  test('what no version knew is returned as not understood, as it came', async () => {
    const unknown = { '...': { index: 40, encoding: Buffer.from('0102', 'hex') } };
    for (const message of [{ request: unknown }, { response: unknown }, { command: unknown }] as Message[]) {
      expect(await answerTo(message)).toEqual([{ indication: { functionNotUnderstood: message } }]);
    }
    const nonStandard = { nonStandardData: { nonStandardIdentifier: { object: '1.3.6.1.4.1.9' }, data: Buffer.from('07', 'hex') } };
    expect(await answerTo({ request: { nonStandard } })).toEqual([{ indication: { functionNotUnderstood: { request: { nonStandard } } } }]);
  });

  test('to a peer of the first version, too', async () => {
    const { b } = await readyMeeting();
    b.wire.say({ request: { terminalCapabilitySet: { ...CAPABILITIES, sequenceNumber: 2, protocolIdentifier: '0.0.8.245.0.1' } } });
    b.wire.sent.splice(0);
    const message: Message = { request: { conferenceRequest: { terminalListRequest: null } } };
    b.wire.say(message);
    expect(b.wire.sent).toEqual([{ indication: { functionNotUnderstood: message } }]);
  });

  test('indications are never answered, whatever they are, nor responses to what was not asked, nor a chair given back', async () => {
    for (const message of [
      { indication: { '...': { index: 40, encoding: Buffer.alloc(1) } } }, { '...': { index: 3, encoding: Buffer.alloc(1) } },
      { indication: { functionNotSupported: { cause: { syntaxError: null } } } }, { indication: { functionNotSupported: { cause: { syntaxError: null }, returnedFunction: Buffer.from('ff', 'hex') } } },
      { indication: { jitterIndication: { scope: { wholeMultiplex: null }, estimatedReceivedJitterMantissa: 0, estimatedReceivedJitterExponent: 0 } } },
      { response: { requestModeAck: { sequenceNumber: 9, response: { willTransmitMostPreferredMode: null } } } },
      { response: { openLogicalChannelAck: { forwardLogicalChannelNumber: 9 } } }, { response: { terminalCapabilitySetReject: { sequenceNumber: 77, cause: { unspecified: null } } } },
      { request: { conferenceRequest: { cancelMakeMeChair: null } } }, { command: { maintenanceLoopOffCommand: {} } },
    ] as Message[]) expect([message, await answerTo(message)]).toEqual([message, []]);
  });
});

describe('a peer that cannot take everything', () => {
  const transportCapability: h245.TransportCapability = { qOSCapabilities: [{ rsvpParameters: {} }] };
  const ooh323 = { vendor: { vendor: { t35CountryCode: 184, t35Extension: 0, manufacturerCode: 39 }, productId: Buffer.from('ooh323') } };
  const withQos = (dataType: h245.DataType): Message => {
    const multiplexParameters = { h2250LogicalChannelParameters: { sessionID: 1, transportCapability } };
    return { request: { openLogicalChannel: { forwardLogicalChannelNumber: 1, forwardLogicalChannelParameters: { dataType, multiplexParameters }, reverseLogicalChannelParameters: { dataType, multiplexParameters } } } };
  };

  test('ooh323 gets no qualities of service, neither in channels nor in capabilities', async () => {
    const { multiplexCapability } = CAPABILITIES as { multiplexCapability: { h2250Capability: h245.H2250Capability } };
    const set: Message = { request: { terminalCapabilitySet: {
      sequenceNumber: 1, protocolIdentifier: '0.0.8.245.0.15', multiplexCapability: { h2250Capability: { ...multiplexCapability.h2250Capability, transportCapability } },
    } } };
    for (const message of [withQos(ULAW), withQos(H263), set]) {
      expect(JSON.stringify(message)).toContain('qOSCapabilities');
      expect(JSON.stringify(fitFor(ooh323, message))).not.toContain('qOSCapabilities');
      expect(fitFor({}, message)).toBe(message);
    }
    const { a, time, b } = await readyMeeting({ peer: ooh323 });
    await Promise.all([a.session.open(audio(1, { parameters: { transportCapability } })), time.pass(100)]);
    expect(b.requests[0]!.parameters).toEqual({});
  });

  test('any other gets them', async () => {
    const { a, time, b } = await readyMeeting();
    await Promise.all([a.session.open(audio(1, { dataType: ALAW, payloadType: 8, parameters: { transportCapability } })), time.pass(100)]);
    expect(b.requests[0]!.parameters).toEqual({ transportCapability });
  });
});
