import { payloadTypeOf } from '../../../src/h323/h245';
import { fromH245Address } from '../../../src/h323/h245/addresses';
import { alternative, chosen, decode, encode } from '../../../src/h323/per';
import { h245 } from '../../../src/h323/schemas';
import { acknowledgementOf, conversations, requestOf, userInputOf, type Conversation } from './support/conversations';
import { names, Party } from './support/party';
import { SimulatedTime } from './support/time';
import { WireEnd } from './support/wire';

type Message = h245.MultimediaSystemControlMessage;
const SCHEMA = h245.MultimediaSystemControlMessage;

const all = <T>(messages: readonly Message[], read: (message: Message) => T | undefined): T[] => messages.flatMap((message) => read(message) ?? []);
const opens = (messages: readonly Message[]): h245.OpenLogicalChannel[] => all(messages, (message) => requestOf(message, 'openLogicalChannel'));
const parametersOf = ({ forwardLogicalChannelParameters }: h245.OpenLogicalChannel): h245.H2250LogicalChannelParameters =>
  alternative(forwardLogicalChannelParameters.multiplexParameters, 'h2250LogicalChannelParameters')!;

/** Plays the one side's part to a session that stands for the other, with what that one had: capabilities, number, channels, addresses. */
async function replay({ ours, theirs }: Conversation): Promise<{ party: Party; inputs: unknown[] }> {
  const time = new SimulatedTime();
  const inputs: unknown[] = [];
  const [determination] = all(ours, (message) => requestOf(message, 'masterSlaveDetermination'));
  const number = Buffer.alloc(3);
  number.writeUIntBE(determination!.statusDeterminationNumber, 0, 3);
  const party = new Party('recorded', new WireEnd(time, () => 1), time, {
    terminalType: determination!.terminalType, random: () => number, handlers: { userInput: (input) => void inputs.push(input) },
  });
  party.answer = (request) => {
    const ack = all(ours, acknowledgementOf).find(({ forwardLogicalChannelNumber }) => forwardLogicalChannelNumber === request.number)!;
    const { mediaChannel, mediaControlChannel, dynamicRTPPayloadType } = alternative(ack.forwardMultiplexAckParameters, 'h2250LogicalChannelAckParameters')!;
    return { media: { rtp: fromH245Address(mediaChannel)!, rtcp: fromH245Address(mediaControlChannel) }, payloadType: dynamicRTPPayloadType };
  };
  const { sequenceNumber: _number, protocolIdentifier: _identifier, ...capabilities } = all(ours, (message) => requestOf(message, 'terminalCapabilitySet'))[0]!;
  party.session.start(capabilities);
  party.wire.open();
  const numbers = new Map<number, number>();
  for (const message of theirs) {
    const acknowledgement = acknowledgementOf(message);
    if (acknowledgement && numbers.size === 0) {
      for (const [index, open] of opens(ours).entries()) {
        numbers.set(open.forwardLogicalChannelNumber, index + 1);
        void party.session.open(requestFor(open));
      }
    }
    party.wire.say(acknowledgement
      ? { response: { openLogicalChannelAck: { ...acknowledgement, forwardLogicalChannelNumber: numbers.get(acknowledgement.forwardLogicalChannelNumber)! } } } : message);
    await time.pass(1);
  }
  return { party, inputs };
}

function requestFor(open: h245.OpenLogicalChannel): Parameters<Party['session']['open']>[0] {
  const { sessionID, mediaControlChannel, dynamicRTPPayloadType: _type, ...parameters } = parametersOf(open);
  const { dataType } = open.forwardLogicalChannelParameters;
  const rtcp = fromH245Address(mediaControlChannel)!;
  return { sessionId: sessionID, dataType, payloadType: payloadTypeOf(dataType, parametersOf(open)), media: { rtp: { ...rtcp, port: rtcp.port - 1 }, rtcp }, parameters };
}

/** A message without what this program is free to choose: numbers of channels, its version, flags that say nothing. */
function comparable(message: Message): string {
  return JSON.stringify(decode(SCHEMA, encode(SCHEMA, message)), (key, value: unknown) => {
    if (key === 'protocolIdentifier' || value === false) return undefined;
    return key === 'forwardLogicalChannelNumber' && requestOf(message, 'openLogicalChannel') ? undefined : value;
  });
}

/** What a session does by itself, or for what it was asked to do here. */
const PROCEDURES = ['terminalCapabilitySet', 'masterSlaveDetermination', 'openLogicalChannel', 'closeLogicalChannelAck'];
const procedure = (message: Message): boolean => PROCEDURES.some((name) => names([message])[0]!.includes(name));

const RECORDED = conversations();

describe('recorded conversations of Asterisk, GnuGk and H323plus', () => {
  test('there are both sides of all', () => {
    expect(RECORDED.length).toBeGreaterThan(20);
    expect(RECORDED.filter(({ theirs }) => opens(theirs).length > 0).length).toBeGreaterThan(10);
  });

  test.each(RECORDED.map((conversation) => [conversation.name, conversation] as const))('%s: a session in its place says the same', async (_, conversation) => {
    const { party, inputs } = await replay(conversation);
    expect(party.wire.sent.filter(procedure).map(comparable).sort()).toEqual(conversation.ours.filter(procedure).map(comparable).sort());
    expect(party.errors).toEqual([]);
    expect(party.told).toEqual(expect.arrayContaining([`ready ${party.session.status}`]));
    expect(party.told.filter((line) => line.startsWith('opened'))).toHaveLength(opens(conversation.ours).length + opens(conversation.theirs).length);
    expect(inputs).toHaveLength(all(conversation.theirs, userInputOf).length);
    expect(names(party.wire.sent).filter((name) => name.includes('functionNot'))).toEqual([]);
    const ends = conversation.theirs.some((message) => 'command' in message && chosen(message.command) === 'endSessionCommand');
    expect(party.told.includes('ended peer')).toBe(ends);
  });
});
