import { placeCall, serveSignalling, type IncomingCall, type LocalEndpoint, type OutgoingCall, type SignallingServer } from '../../../src/h323/signalling';
import { until } from '../../peers/harness';
import { callTo, endpoint, Listener, recorder, roundTrip } from './support';

const faults: Error[] = [];
const servers: SignallingServer[] = [];

async function serve(onCall: (call: IncomingCall) => void, more: Partial<LocalEndpoint> = {}): Promise<SignallingServer> {
  const server = await serveSignalling({ host: '127.0.0.1', port: 0, ...endpoint(faults, more) }, onCall);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  expect(faults.splice(0)).toEqual([]);
});

/** Two endpoints in a call; the called one answers as it is told. */
async function inCall(calling: Partial<LocalEndpoint>, called: Partial<LocalEndpoint>, answer: (call: IncomingCall) => void): Promise<{
  caller: OutgoingCall; callee: IncomingCall; callerLog: string[]; calleeLog: string[]; callerControl: Listener; calleeControl: Listener;
}> {
  const callerSide = recorder();
  const calleeSide = recorder();
  const calleeControl = new Listener();
  let callee: IncomingCall | undefined;
  const server = await serve((call) => {
    callee = call;
    call.attach(calleeSide.events);
    call.control.attach(calleeControl);
    answer(call);
  }, called);
  const caller = placeCall(callTo(server.port), endpoint(faults, calling), callerSide.events);
  const callerControl = new Listener();
  caller.control.attach(callerControl);
  await until('connected', () => callerSide.log.some((line) => line.startsWith('connected')));
  return { caller, callee: callee!, callerLog: callerSide.log, calleeLog: calleeSide.log, callerControl, calleeControl };
}

describe.each([
  ['tunnelled', {}, {}],
  ['in a connection of its own, as the called side wants it', {}, { tunnelling: false }],
  ['in a connection of its own, as the caller wants it', { tunnelling: false }, {}],
  ['in a connection of its own, as both want it', { tunnelling: false }, { tunnelling: false }],
])('H.245 %s', (_, calling, called) => {
  test('passes in order both ways, and ends with the call', async () => {
    const { caller, callee, callerLog, calleeLog, callerControl, calleeControl } = await inCall(calling, called, (call) => {
      call.proceeding();
      call.alerting();
      call.connect({ display: 'Kela' });
    });
    await until('H.245 is open', () => callerControl.log.includes('opened') && calleeControl.log.includes('opened'));
    for (const n of [1, 2, 3]) caller.control.send(roundTrip(n));
    for (const n of [4, 5]) callee.control.send(roundTrip(n));
    await until('all came', () => calleeControl.messages.length === 3 && callerControl.messages.length === 2);
    expect(calleeControl.messages).toEqual([1, 2, 3].map(roundTrip));
    expect(callerControl.messages).toEqual([4, 5].map(roundTrip));
    caller.control.send({ command: { endSessionCommand: { disconnect: null } } });
    await until('the end of H.245 came', () => calleeControl.log.includes('received endSessionCommand'));
    caller.release();
    await until('released', () => calleeLog.some((line) => line.startsWith('released')));
    expect(callerLog).toEqual(['proceeding', 'alerting', 'connected Kela']);
    expect(calleeLog).toEqual(['released 16 by peer']);
    expect(callerControl.log.at(-1)).toBe('closed');
    expect(calleeControl.log.at(-1)).toBe('closed');
  });
});
