import { statusOf, type Dialog, type Request, type SipMessage } from './application';
import { sdp } from './message';
import type { Scenario, Stage } from './scenarios';

/** Writes down how an outgoing call ended up. */
const noteOutcome = (note: Stage['note'], placed: Promise<Dialog>): Promise<void> =>
  placed.then(() => note('answered'), (error: { res?: SipMessage }) => note(`refused ${statusOf(error)}`, error.res));

/** Writes down when a dialog ends. */
export const noteEnd = ({ note }: Stage, name: string, dialog: Dialog): Promise<void> => new Promise((resolve) => {
  dialog.on('destroy', (bye, reason) => { note(`${name} ended: ${reason}`, bye); resolve(); });
});

/** The next INVITE answered with 200 by the application, while the caller acknowledges: the dialogs of both ends. */
export async function answeredCall(stage: Stage): Promise<{ uas: Dialog; caller: ReturnType<Stage['caller']['callerDialog']> }> {
  const { srf, caller } = stage;
  const answered = new Promise<Dialog>((resolve, reject) => {
    srf.invite((req, res) => { stage.note('INVITE', req); srf.createUAS(req, res, { localSdp: sdp(5000) }).then(resolve, reject); });
  });
  await stage.ready();
  caller.request('INVITE', 'service', { body: sdp(4000) });
  const ok = await caller.expect('200 INVITE');
  const dialog = caller.callerDialog(ok);
  caller.inDialog(dialog, 'ACK');
  return { uas: await answered, caller: dialog };
}

/** A call of the application to the callee, answered. */
export async function placedCall(stage: Stage): Promise<{ uac: Dialog; callee: ReturnType<Stage['callee']['calleeDialog']> }> {
  const { srf, callee, calleeUri } = stage;
  await stage.ready();
  const placed = srf.createUAC(calleeUri, { localSdp: sdp(5000) });
  const invite = await callee.expect('INVITE');
  callee.respond(invite, 200, 'OK', { body: sdp(6000) });
  await callee.expect('ACK');
  return { uac: await placed, callee: callee.calleeDialog(invite) };
}

export const inviteScenarios: Scenario[] = [
  {
    name: 'an incoming call is answered and the caller hangs up',
    async run(stage) {
      const { uas, caller } = await answeredCall(stage);
      const ended = noteEnd(stage, 'uas', uas);
      stage.caller.inDialog(caller, 'BYE', { headers: [['Reason', 'Q.850;cause=16']] });
      await stage.caller.expect('200 BYE');
      await ended;
    },
  },
  {
    name: 'an incoming call is answered and the application hangs up',
    async run(stage) {
      const { uas } = await answeredCall(stage);
      const bye = uas.destroy({ headers: { Reason: 'Q.850;cause=31' } });
      stage.caller.respond(await stage.caller.expect('BYE'), 200, 'OK');
      stage.note('uas destroyed', await bye);
    },
  },
  {
    name: 'the application rings, shows early media, then answers with headers of its own',
    async run({ srf, caller, note, ready }) {
      srf.invite((req, res) => {
        res.send(180, { headers: { 'X-Place': 'ringing' } });
        res.send(183, { body: sdp(5000) });
        void srf.createUAS(req, res, { localSdp: sdp(5000), headers: { 'X-Place': 'answer', 'User-Agent': 'application', Allow: 'INVITE, BYE' } }).then(() => note('answered'));
      });
      await ready();
      caller.request('INVITE', 'service', { body: sdp(4000), headers: [['X-Asked', 'yes'], ['Supported', 'timer, replaces'], ['User-Agent', 'caller']] });
      for (const status of [180, 183]) await caller.expect(status);
      caller.inDialog(caller.callerDialog(await caller.expect('200 INVITE')), 'ACK');
    },
  },
  {
    name: 'the application refuses with 486 and a header',
    async run({ srf, caller, note, ready }) {
      srf.invite((req, res) => { note('INVITE', req); res.send(486, { headers: { 'X-Why': 'lunch' } }, (error, sent) => note(`sent ${error}`, sent)); });
      await ready();
      const invite = caller.request('INVITE', 'service', { body: sdp(4000) });
      caller.acknowledgeFailure(invite, await caller.expect('486 INVITE'));
    },
  },
  {
    name: 'the caller cancels with a reason while the application rings',
    async run({ srf, caller, note, ready }) {
      const cancelled = new Promise<void>((resolve) => {
        srf.invite((req, res) => {
          req.on('cancel', (cancel) => {
            note('cancelled', cancel);
            res.send(487, {}, (error) => { note(`own 487: ${error ? 'refused' : 'sent'}`); resolve(); });
          });
          res.send(180);
        });
      });
      await ready();
      const invite = caller.request('INVITE', 'service', { body: sdp(4000) });
      await caller.expect(180);
      caller.cancel(invite, [['Reason', 'SIP;cause=200;text="Call completed elsewhere"']]);
      await caller.expect('200 CANCEL');
      caller.acknowledgeFailure(invite, await caller.expect('487 INVITE'));
      await cancelled;
    },
  },
  {
    name: 'a repeated INVITE reaches the application once',
    async run({ srf, caller, note, ready }) {
      srf.invite((req, res) => { note('INVITE', req); res.send(180); });
      await ready();
      const invite = caller.request('INVITE', 'service', { body: sdp(4000) });
      await caller.expect(180);
      caller.send(invite.text);
      caller.send(invite.text);
      caller.cancel(invite);
      caller.acknowledgeFailure(invite, await caller.expect('487 INVITE'));
    },
  },
  {
    name: 'an incoming call without an offer',
    async run({ srf, caller, note, ready }) {
      const acknowledged = new Promise<void>((resolve) => {
        srf.invite((req, res) => {
          note('INVITE', req);
          void srf.createUAS(req, res, { localSdp: sdp(5000) }).then((uas) => uas.on('ack', (ack) => { note('ACK', ack); resolve(); }));
        });
      });
      await ready();
      caller.request('INVITE', 'service');
      caller.inDialog(caller.callerDialog(await caller.expect('200 INVITE')), 'ACK', { body: sdp(4000) });
      await acknowledged;
    },
  },
  {
    name: 'an INVITE in compact form with folded lines, other letters and several values',
    async run({ srf, caller, note, ready }) {
      srf.invite((req, res) => { note('INVITE', req); note(`subject ${req.get('Subject')}, supported ${req.get('Supported')}, content type ${req.get('Content-Type')}`); res.send(603); });
      await ready();
      const invite = caller.compactInvite('service', sdp(4000));
      caller.acknowledgeFailure(invite, await caller.expect('603 INVITE'));
    },
  },
  {
    name: 'the caller ends an early dialog with BYE',
    async run({ srf, caller, note, ready }) {
      srf.invite((req, res) => { req.on('cancel', (message) => note('cancelled', message)); res.send(183, { body: sdp(5000) }); });
      srf.bye((req, res) => { note('BYE', req); res.send(200); });
      await ready();
      const invite = caller.request('INVITE', 'service', { body: sdp(4000) });
      caller.inDialog(caller.callerDialog(await caller.expect(183)), 'BYE');
      await caller.expectFinal('BYE');
      caller.cancel(invite);
      caller.acknowledgeFailure(invite, await caller.expectFinal('INVITE'));
    },
  },
  {
    name: 'an answer repeated by the callee is acknowledged again, and the application is told once',
    async run({ srf, callee, calleeUri, note, ready }) {
      await ready();
      const placed = noteOutcome(note, srf.createUAC(calleeUri, { localSdp: sdp(5000) }));
      const invite = await callee.expect('INVITE');
      callee.respond(invite, 200, 'OK', { body: sdp(6000) });
      const first = await callee.expect('ACK');
      const again = callee.nextDatagram();
      callee.respond(invite, 200, 'OK', { body: sdp(6000) });
      note(`the second ACK is the first: ${(await again) === first.text}`);
      await placed;
    },
  },
  {
    name: 'an outgoing call is redirected',
    async run({ srf, callee, calleeUri, note, ready }) {
      await ready();
      const placed = noteOutcome(note, srf.createUAC(calleeUri, { localSdp: sdp(5000) }));
      callee.respond(await callee.expect('INVITE'), 302, 'Moved Temporarily', { headers: [['Contact', '<sip:elsewhere@palvelu.example>;q=0.5']] });
      await callee.expect('ACK');
      await placed;
    },
  },
  {
    name: 'an outgoing call forks and two callees answer',
    async run({ srf, callee, calleeUri, note, ready }) {
      await ready();
      const placed = noteOutcome(note, srf.createUAC(calleeUri, { localSdp: sdp(5000) }, { cbProvisional: (res) => note('provisional', res) }));
      const invite = await callee.expect('INVITE');
      for (const fork of ['one', 'two']) callee.respondAs(fork, invite, 180, 'Ringing');
      callee.respondAs('one', invite, 200, 'OK', { body: sdp(6000) });
      await callee.expect('ACK');
      callee.respondAs('two', invite, 200, 'OK', { body: sdp(6002) });
      await placed;
    },
  },
  {
    name: 'an outgoing call is answered and the application hangs up',
    async run(stage) {
      const { srf, callee, calleeUri, note } = stage;
      await stage.ready();
      const placed = srf.createUAC(calleeUri, {
        localSdp: sdp(5000), headers: { From: '"A Service" <sip:service@localhost>', 'P-Asserted-Identity': '<sip:service@localhost>', 'X-Mine': '1' },
      }, { cbRequest: (_, req) => note('sent', req), cbProvisional: (res) => note('provisional', res) });
      const invite = await callee.expect('INVITE');
      callee.respond(invite, 180, 'Ringing');
      callee.respond(invite, 200, 'OK', { body: sdp(6000), headers: [['X-Theirs', '2']] });
      await callee.expect('ACK');
      const uac = await placed;
      const bye = uac.destroy();
      callee.respond(await callee.expect('BYE'), 200, 'OK');
      note('uac destroyed', await bye);
    },
  },
  {
    name: 'an outgoing call is answered and the callee hangs up',
    async run(stage) {
      const { uac, callee } = await placedCall(stage);
      const ended = noteEnd(stage, 'uac', uac);
      stage.callee.inDialog(callee, 'BYE');
      await stage.callee.expect('200 BYE');
      await ended;
    },
  },
  {
    name: 'an outgoing call is refused',
    async run({ srf, callee, calleeUri, note, ready }) {
      await ready();
      const placed = noteOutcome(note, srf.createUAC(calleeUri, { localSdp: sdp(5000) }));
      const invite = await callee.expect('INVITE');
      callee.respond(invite, 486, 'Busy Here', { headers: [['Reason', 'Q.850;cause=17']] });
      await callee.expect('ACK');
      await placed;
    },
  },
  {
    name: 'an outgoing call is cancelled by the application, with a reason',
    async run({ srf, callee, calleeUri, note, ready }) {
      await ready();
      const sent: { request?: Request } = {};
      const placed = noteOutcome(note, srf.createUAC(calleeUri, { localSdp: sdp(5000) }, { cbRequest: (_, req) => { sent.request = req; } }));
      const invite = await callee.expect('INVITE');
      callee.respond(invite, 180, 'Ringing');
      while (!sent.request) await new Promise((resolve) => setImmediate(resolve));
      sent.request.cancel({ headers: { Reason: 'SIP;cause=200;text="Call completed elsewhere"' } });
      const cancel = await callee.expect('CANCEL');
      callee.respond(cancel, 200, 'OK');
      callee.respond(invite, 487, 'Request Terminated');
      await callee.expect('ACK');
      await placed;
    },
  },
  {
    name: 'an outgoing call is challenged and tried again with credentials',
    async run({ srf, callee, calleeUri, note, ready }) {
      await ready();
      const placed = srf.createUAC(calleeUri, { localSdp: sdp(5000), auth: { username: 'user', password: 'password' } });
      const first = await callee.expect('INVITE');
      callee.respond(first, 401, 'Unauthorized', { headers: [['WWW-Authenticate', 'Digest realm="r", nonce="n", algorithm=MD5']] });
      await callee.expect('ACK');
      const second = await callee.expect('INVITE');
      callee.respond(second, 200, 'OK', { body: sdp(6000) });
      await callee.expect('ACK');
      await placed;
      note('answered');
    },
  },
  {
    name: 'an outgoing call follows the routes that the callee recorded',
    async run(stage) {
      const { srf, callee, calleeUri, note } = stage;
      await stage.ready();
      const placed = srf.createUAC(calleeUri, { localSdp: sdp(5000) });
      const invite = await callee.expect('INVITE');
      callee.respond(invite, 200, 'OK', { body: sdp(6000), headers: [
        ['Record-Route', `<sip:127.0.0.1:${callee.port};lr;far>`], ['Record-Route', `<sip:127.0.0.1:${callee.port};lr;near>`]] });
      await callee.expect('ACK');
      const bye = (await placed).destroy();
      callee.respond(await callee.expect('BYE'), 200, 'OK');
      note('uac destroyed', await bye);
    },
  },
  {
    name: 'an outgoing call through a proxy',
    async run({ srf, callee, note, ready }) {
      await ready();
      const placed = noteOutcome(note, srf.createUAC('sip:someone@elsewhere.example', { localSdp: sdp(5000), proxy: `sip:127.0.0.1:${callee.port}` }));
      callee.respond(await callee.expect('INVITE'), 404, 'Not Found');
      await callee.expect('ACK');
      await placed;
    },
  },
  {
    name: 'an outgoing call to a port where nobody listens',
    slow: true,
    async run({ srf, note, ready }) {
      await ready();
      await noteOutcome(note, srf.createUAC('sip:nobody@127.0.0.1:9', { localSdp: sdp(5000) }));
    },
  },
  {
    name: 'an answered call whose ACK never comes is ended by the server',
    slow: true,
    async run(stage) {
      const { srf, caller, note } = stage;
      const answered = new Promise<Dialog>((resolve, reject) => {
        srf.invite((req, res) => { srf.createUAS(req, res, { localSdp: sdp(5000) }).then(resolve, reject); });
      });
      await stage.ready();
      caller.request('INVITE', 'service', { body: sdp(4000) });
      const ended = noteEnd(stage, 'uas', await answered);
      caller.respond(await caller.expect('BYE', 40_000), 200, 'OK');
      await ended;
      note('done');
    },
  },
];
