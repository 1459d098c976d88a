import type { Dialog } from './application';
import { statusOf } from './application';
import { answeredCall, noteEnd, placedCall } from './invite-scenarios';
import { headerOf, sdp, type RawMessage } from './message';
import type { PeerDialog } from './raw-peer';
import type { Scenario, Stage } from './scenarios';

interface BridgedCall {
  uas: Dialog;
  uac: Dialog;
  caller: PeerDialog;
  callee: PeerDialog;
}

/** The application bridges the caller's INVITE to the callee, who rings and answers. */
async function bridgedCall(stage: Stage): Promise<BridgedCall> {
  const { srf, caller, callee, calleeUri, note } = stage;
  const bridged = new Promise<{ uas: Dialog; uac: Dialog }>((resolve, reject) => {
    srf.invite((req, res) => { note('INVITE', req); srf.createB2BUA(req, res, calleeUri, { proxyRequestHeaders: ['X-Asked'], proxyResponseHeaders: ['X-Told'] }).then(resolve, reject); });
  });
  await stage.ready();
  caller.request('INVITE', 'service', { body: sdp(4000), headers: [['X-Asked', '1']] });
  const invite = await callee.expect('INVITE');
  callee.respond(invite, 180, 'Ringing', { headers: [['X-Told', 'ringing']] });
  await caller.expect('180 INVITE');
  callee.respond(invite, 200, 'OK', { body: sdp(6000), headers: [['X-Told', 'answer']] });
  await callee.expect('ACK');
  const dialog = caller.callerDialog(await caller.expect('200 INVITE'));
  caller.inDialog(dialog, 'ACK');
  return { ...await bridged, caller: dialog, callee: callee.calleeDialog(invite) };
}

/** A request that the application sends in a dialog, answered by the peer. */
const answeredInDialog = async (stage: Stage, sending: Promise<{ raw: string }>, method: string, status: number, answer = {}): Promise<RawMessage> => {
  const request = await stage.caller.expect(method);
  stage.caller.respond(request, status, status === 200 ? 'OK' : 'Other', answer);
  await sending.then((response) => stage.note(`${method} answered`, response), (error) => stage.note(`${method} failed ${statusOf(error)}`));
  return request;
};

export const dialogScenarios: Scenario[] = [
  {
    name: 'a bridged call ends by the caller',
    async run(stage) {
      const { uas, uac, caller } = await bridgedCall(stage);
      const ended = noteEnd(stage, 'uas', uas);
      stage.caller.inDialog(caller, 'BYE');
      await stage.caller.expect('200 BYE');
      await ended;
      const bye = uac.destroy();
      stage.callee.respond(await stage.callee.expect('BYE'), 200, 'OK');
      await bye;
    },
  },
  {
    name: 'a bridged call ends by the callee',
    async run(stage) {
      const { uas, uac, callee } = await bridgedCall(stage);
      const ended = noteEnd(stage, 'uac', uac);
      stage.callee.inDialog(callee, 'BYE');
      await stage.callee.expect('200 BYE');
      await ended;
      const bye = uas.destroy();
      stage.caller.respond(await stage.caller.expect('BYE'), 200, 'OK');
      await bye;
    },
  },
  {
    name: 'a bridged call is cancelled by the caller before the answer',
    async run({ srf, caller, callee, calleeUri, note, ready }) {
      const failed = new Promise<void>((resolve) => {
        srf.invite((req, res) => { srf.createB2BUA(req, res, calleeUri, {}).catch((error) => { note(`failed ${statusOf(error)}`); resolve(); }); });
      });
      await ready();
      const invite = caller.request('INVITE', 'service', { body: sdp(4000) });
      const outgoing = await callee.expect('INVITE');
      callee.respond(outgoing, 180, 'Ringing');
      await caller.expect(180);
      caller.cancel(invite, [['Reason', 'Q.850;cause=16']]);
      caller.acknowledgeFailure(invite, await caller.expect('487 INVITE'));
      callee.respond(await callee.expect('CANCEL'), 200, 'OK');
      callee.respond(outgoing, 487, 'Request Terminated');
      await callee.expect('ACK');
      await failed;
    },
  },
  {
    name: 'a bridged call is refused by the callee',
    async run({ srf, caller, callee, calleeUri, note, ready }) {
      const failed = new Promise<void>((resolve) => {
        srf.invite((req, res) => { srf.createB2BUA(req, res, calleeUri, {}).catch((error) => { note(`failed ${statusOf(error)}`); resolve(); }); });
      });
      await ready();
      const invite = caller.request('INVITE', 'service', { body: sdp(4000) });
      callee.respond(await callee.expect('INVITE'), 486, 'Busy Here');
      await callee.expect('ACK');
      caller.acknowledgeFailure(invite, await caller.expect('486 INVITE'));
      await failed;
    },
  },
  {
    name: 'a re-INVITE passes through a bridge in both directions',
    async run(stage) {
      const { uas, uac, caller, callee } = await bridgedCall(stage);
      for (const [near, far] of [[uas, uac], [uac, uas]] as const) {
        near.on('modify', (req, res) => {
          stage.note('re-INVITE', req);
          void far.modify(req.body).then((answer) => res.send(200, { body: answer }));
        });
      }
      stage.caller.inDialog(caller, 'INVITE', { body: sdp(4002, 'sendonly') });
      stage.callee.respond(await stage.callee.expect('INVITE'), 200, 'OK', { body: sdp(6002, 'recvonly') });
      await stage.callee.expect('ACK');
      await stage.caller.expect('200 INVITE');
      stage.caller.inDialog(caller, 'ACK');
      stage.callee.inDialog(callee, 'INVITE', { body: sdp(6004) });
      stage.caller.respond(await stage.caller.expect('INVITE'), 200, 'OK', { body: sdp(4004) });
      await stage.caller.expect('ACK');
      await stage.callee.expect('200 INVITE');
      stage.callee.inDialog(callee, 'ACK');
    },
  },
  {
    name: 'a re-INVITE of the application is refused, and the call goes on',
    async run(stage) {
      const { uas, caller } = await answeredCall(stage);
      const modifying = uas.modify(sdp(5002)).then(() => stage.note('modified'), (error) => stage.note(`refused ${statusOf(error)}`));
      stage.caller.respond(await stage.caller.expect('INVITE'), 488, 'Not Acceptable Here');
      await stage.caller.expect('ACK');
      await modifying;
      stage.caller.inDialog(caller, 'BYE');
      await stage.caller.expect('200 BYE');
    },
  },
  {
    name: 'both ends send a re-INVITE at once',
    async run(stage) {
      const { uas, caller } = await answeredCall(stage);
      uas.on('modify', (req, res) => { stage.note('re-INVITE', req); res.send(491); });
      const modifying = uas.modify(sdp(5002)).then(() => stage.note('modified'), (error) => stage.note(`refused ${statusOf(error)}`));
      const theirs = await stage.caller.expect('INVITE');
      const ours = stage.caller.inDialog(caller, 'INVITE', { body: sdp(4002) });
      stage.caller.acknowledgeFailure(ours, await stage.caller.expectFinal('INVITE'));
      stage.caller.respond(theirs, 491, 'Request Pending');
      await stage.caller.expect('ACK');
      await modifying;
    },
  },
  {
    name: 'UPDATE, INFO, MESSAGE, OPTIONS and REFER come in a call',
    async run(stage) {
      const { uas, caller } = await answeredCall(stage);
      const methods = ['UPDATE', 'INFO', 'MESSAGE', 'OPTIONS', 'REFER'];
      for (const method of methods) uas.on(method.toLowerCase(), (req, res) => { stage.note(method, req); res.send(method === 'REFER' ? 202 : 200, { headers: { 'X-Took': method } }); });
      stage.caller.inDialog(caller, 'UPDATE', { body: sdp(4002) });
      await stage.caller.expect('200 UPDATE');
      stage.caller.inDialog(caller, 'INFO', { body: '<media_control/>', type: 'application/media_control+xml' });
      await stage.caller.expect('200 INFO');
      stage.caller.inDialog(caller, 'MESSAGE', { body: 'hei', type: 'text/plain' });
      await stage.caller.expect('200 MESSAGE');
      stage.caller.inDialog(caller, 'OPTIONS');
      await stage.caller.expect('200 OPTIONS');
      stage.caller.inDialog(caller, 'REFER', { headers: [['Refer-To', '<sip:interpreter@palvelu.example>'], ['Referred-By', '<sip:caller@palvelu.example>']] });
      await stage.caller.expect('202 REFER');
      await answeredInDialog(stage, uas.request({ method: 'NOTIFY', headers: { Event: 'refer', 'Subscription-State': 'terminated;reason=noresource', 'Content-Type': 'message/sipfrag' }, body: 'SIP/2.0 200 OK\r\n' }), 'NOTIFY', 200);
    },
  },
  {
    name: 'UPDATE, INFO, MESSAGE, OPTIONS, REFER and NOTIFY go out in a call',
    async run(stage) {
      const { uas, caller } = await answeredCall(stage);
      uas.on('notify', (req, res) => { stage.note('NOTIFY', req); res.send(200); });
      await answeredInDialog(stage, uas.request({ method: 'UPDATE', body: sdp(5002) }), 'UPDATE', 200, { body: sdp(4002) });
      await answeredInDialog(stage, uas.request({ method: 'INFO', headers: { 'Content-Type': 'application/media_control+xml' }, body: '<media_control/>' }), 'INFO', 200);
      await answeredInDialog(stage, uas.request({ method: 'MESSAGE', headers: { 'Content-Type': 'text/plain' }, body: 'hei' }), 'MESSAGE', 415);
      await answeredInDialog(stage, uas.request({ method: 'OPTIONS' }), 'OPTIONS', 200);
      await answeredInDialog(stage, uas.request({ method: 'REFER', headers: { 'Refer-To': '<sip:interpreter@palvelu.example>' } }), 'REFER', 202);
      stage.caller.inDialog(caller, 'NOTIFY', { headers: [['Event', 'refer'], ['Subscription-State', 'active']], body: 'SIP/2.0 100 Trying\r\n', type: 'message/sipfrag' });
      await stage.caller.expect('200 NOTIFY');
    },
  },
  {
    name: 'the same requests in a call that the application placed',
    async run(stage) {
      const { uac, callee } = await placedCall(stage);
      uac.on('info', (req, res) => { stage.note('INFO', req); res.send(200); });
      stage.callee.inDialog(callee, 'INFO', { body: 'Signal=5', type: 'application/dtmf-relay' });
      await stage.callee.expect('200 INFO');
      const info = uac.request({ method: 'INFO', body: 'Signal=6', headers: { 'Content-Type': 'application/dtmf-relay' } });
      stage.callee.respond(await stage.callee.expect('INFO'), 500, 'Server Internal Error');
      stage.note('INFO answered', await info);
      const modifying = uac.modify(sdp(5002));
      stage.callee.respond(await stage.callee.expect('INVITE'), 200, 'OK', { body: sdp(6002) });
      await stage.callee.expect('ACK');
      stage.note(`modified ${(await modifying).includes('6002')}`);
    },
  },
  {
    name: 'a reliable provisional response of the callee is acknowledged with PRACK',
    async run({ srf, callee, calleeUri, note, ready }) {
      await ready();
      const placed = srf.createUAC(calleeUri, { localSdp: sdp(5000), headers: { Supported: '100rel' } }, { cbProvisional: (res) => note('provisional', res) });
      const invite = await callee.expect('INVITE');
      callee.respond(invite, 183, 'Session Progress', { headers: [['Require', '100rel'], ['RSeq', '7']], body: sdp(6000) });
      callee.respond(await callee.expect('PRACK'), 200, 'OK');
      callee.respond(invite, 200, 'OK', { body: sdp(6000) });
      await callee.expect('ACK');
      await placed;
      note('answered');
    },
  },
  {
    name: 'a reliable provisional response of the application waits for the PRACK of the caller',
    async run({ srf, caller, note, ready }) {
      srf.invite((req, res) => {
        note('INVITE', req);
        res.send(183, { headers: { Require: '100rel' }, body: sdp(5000) }, () => {}, (prack) => {
          note('PRACK', prack);
          void srf.createUAS(req, res, { localSdp: sdp(5000) }).then(() => note('answered'));
        });
      });
      srf.prack((req, res) => { note('PRACK to answer', req); res.send(200); });
      await ready();
      caller.request('INVITE', 'service', { body: sdp(4000), headers: [['Supported', '100rel']] });
      const reliable = await caller.expect(183);
      const dialog = caller.callerDialog(reliable);
      caller.inDialog(dialog, 'PRACK', { headers: [['RAck', `${headerOf(reliable, 'rseq')} 1 INVITE`]] });
      await caller.expect('200 PRACK');
      await caller.expect('200 INVITE');
      dialog.cseq = 1;
      caller.inDialog(dialog, 'ACK');
    },
  },
  {
    name: 'UPDATE comes before the answer',
    async run({ srf, caller, note, ready }) {
      srf.invite((req, res) => {
        req.on('update', ((update: typeof req, response: typeof res) => {
          note('UPDATE', update);
          response.send(200, { body: sdp(5002) });
          void srf.createUAS(req, res, { localSdp: sdp(5000) }).then(() => note('answered'));
        }) as never);
        res.send(183, { body: sdp(5000) });
      });
      await ready();
      caller.request('INVITE', 'service', { body: sdp(4000) });
      const dialog = caller.callerDialog(await caller.expect(183));
      caller.inDialog(dialog, 'UPDATE', { body: sdp(4002) });
      await caller.expect('200 UPDATE');
      await caller.expect('200 INVITE');
      dialog.cseq = 1;
      caller.inDialog(dialog, 'ACK');
    },
  },
  ...['BYE', 'INFO', 'UPDATE', 'INVITE', 'OPTIONS', 'NOTIFY', 'REFER'].map((method): Scenario => ({
    name: `${method} for a dialog that nobody knows`,
    async run({ srf, caller, note, ready }) {
      srf.invite((req) => note('INVITE', req));
      srf.options((req, res) => { note('OPTIONS', req); res.send(200); });
      await ready();
      const unknown: PeerDialog = {
        callId: 'no-such-call', local: `<${caller.contact}>;tag=here`, remote: '<sip:service@palvelu.example>;tag=there', target: 'sip:service@palvelu.example', cseq: 4,
      };
      const request = caller.inDialog(unknown, method, method === 'INVITE' ? { body: sdp(4000) } : {});
      const response = await caller.expectFinal(method);
      if (method === 'INVITE') caller.acknowledgeFailure(request, response);
    },
  })),
  {
    name: 'CANCEL of a request that nobody knows',
    async run({ caller, ready }) {
      await ready();
      caller.request('CANCEL', 'service');
      await caller.expect('481 CANCEL');
    },
  },
  {
    name: 'a BYE of the application is answered with 481',
    async run(stage) {
      const { uas } = await answeredCall(stage);
      const bye = uas.destroy();
      stage.caller.respond(await stage.caller.expect('BYE'), 481, 'Call/Transaction Does Not Exist');
      await bye.then((message) => stage.note('destroyed', message), (error) => stage.note(`failed ${statusOf(error)}`));
    },
  },
];
