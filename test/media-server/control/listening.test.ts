import { startMediaServer, type LocalMediaServer } from '../../../src/embedded/media-server';
import { udpPeer, type Peer } from '../../sip-server/support/peer';
import { OutboundApplication } from './support/application';
import { EslClient } from './support/esl-client';
import { RtpPhone } from './support/rtp-phone';
import { PASSWORD } from './support/running-media-server';

/** What the commands that say what a connection hears change of what it hears. */
let server: LocalMediaServer;
let phone: RtpPhone;
let caller: Peer;
let application: OutboundApplication;
let channel: EslClient;
let uuid: string;
let other: EslClient;

beforeEach(async () => {
  server = await startMediaServer({ esl: { host: '127.0.0.1', port: 0 }, password: PASSWORD, sip: { host: '127.0.0.1', port: 0 }, rtp: { min: 0, max: 0 } });
  phone = await RtpPhone.open();
  caller = await udpPeer('127.0.0.1', server.sipPort);
  application = await OutboundApplication.listen();
  ({ channel, uuid } = await call('one'));
  other = await EslClient.authenticated(server.eslPort, PASSWORD);
});
afterEach(async () => {
  other.close();
  phone.close();
  caller.close();
  application.close();
  await server.close();
});

const call = (callId: string): ReturnType<OutboundApplication['next']> => application.call(server, caller, phone, callId);

/** Digits of the channel that a connection was told, up to and with `last`; events come in order. */
async function digitsTold(client: EslClient, digits: string, last: string): Promise<string> {
  await other.api(`uuid_recv_dtmf ${uuid} ${digits}`);
  let told = '';
  while (!told.endsWith(last)) told += (await client.event('DTMF'))['DTMF-Digit'] ?? '';
  return told;
}
/** Names of the events that a connection was told until it was answered once more. */
async function toldSoFar(client: EslClient): Promise<string[]> {
  await client.api('hostname');
  return client.frames.splice(0).filter(({ headers }) => headers.get('Content-Type') === 'text/event-json').map(({ body }) => (JSON.parse(body) as Record<string, string>)['Event-Name'] ?? '');
}

test('nixevent takes one name back, noevents all of them', async () => {
  await other.command('event json DTMF CHANNEL_EXECUTE');
  await other.api(`uuid_recv_dtmf ${uuid} 1`);
  expect(await toldSoFar(other)).toEqual(['DTMF']);
  expect(await other.command('nixevent DTMF')).toBe('+OK events nixed');
  await other.api(`uuid_recv_dtmf ${uuid} 2`);
  await channel.command(`sendmsg ${uuid}\ncall-command: execute\nexecute-app-name: set\nexecute-app-arg: x=1`);
  expect(await toldSoFar(other)).toEqual(['CHANNEL_EXECUTE']);
  expect(await other.command('noevents')).toBe('+OK no longer listening for events');
  await channel.command(`sendmsg ${uuid}\ncall-command: execute\nexecute-app-name: set\nexecute-app-arg: x=2`);
  expect(await channel.api(`uuid_getvar ${uuid} x`)).toBe('2');
  expect(await toldSoFar(other)).toEqual([]);
});

test('a filter that is deleted lets everything in again', async () => {
  await other.command('event json DTMF');
  await other.command('filter DTMF-Digit 3');
  await other.command('filter DTMF-Digit 4');
  expect(await digitsTold(other, '1234', '4')).toBe('34');
  await other.command('filter delete DTMF-Digit 4');
  expect(await digitsTold(other, '1243', '3')).toBe('3');
  await other.command('filter delete all');
  expect(await digitsTold(other, '129', '9')).toBe('129');
});

test('myevents follows one channel, and no other one', async () => {
  const second = await call('two');
  expect(await second.channel.command('myevents json')).toBe('+OK Events Enabled');
  await other.api(`uuid_recv_dtmf ${uuid} 1`);
  await other.api(`uuid_recv_dtmf ${second.uuid} 2`);
  expect(await second.channel.event('DTMF')).toMatchObject({ 'DTMF-Digit': '2', 'Unique-ID': second.uuid });
});

test('linger is taken back by nolinger', async () => {
  await channel.command('linger 30');
  expect(await channel.command('nolinger')).toBe('+OK will not linger');
  await other.api(`uuid_kill ${uuid}`);
  expect((await channel.next('text/disconnect-notice')).headers.get('Content-Disposition')).toBe('disconnect');
  await channel.ended();
});

test('an event that an application sends reaches those who listen for it', async () => {
  await other.command('event json CUSTOM desk::bell');
  expect(await channel.command('sendevent CUSTOM\nEvent-Subclass: desk::bell\nColour: red')).toMatch(/^\+OK [0-9a-f-]{36}$/);
  expect(await other.event('CUSTOM')).toMatchObject({ 'Event-Subclass': 'desk::bell', 'Colour': 'red' });
  await channel.command('sendevent CUSTOM\nEvent-Subclass: desk::other\nColour: blue');
  await other.api('hostname');
  expect(other.frames.filter(({ body }) => body.includes('desk::other'))).toEqual([]);
});

test('a variable of its channel is told to the application', async () => {
  await channel.api(`uuid_setvar ${uuid} greeting hei`);
  expect(await channel.command('getvar greeting')).toBe('hei');
  expect(await other.command('getvar greeting')).toBe('-ERR not controlling a session');
});
