import { statusOf, type Dialog } from './application';
import { headerOf, sdp } from './message';
import type { Scenario } from './scenarios';

const incoming = (method: 'OPTIONS' | 'MESSAGE' | 'REGISTER' | 'INFO' | 'NOTIFY' | 'REFER', extras: { headers?: [string, string][]; body?: string; type?: string } = {}): Scenario => ({
  name: `${method} comes outside of a dialog`,
  async run({ srf, caller, note, ready }) {
    srf[method.toLowerCase() as 'options']((req, res) => { note(method, req); res.send(200, { headers: { 'X-Took': method } }); });
    await ready();
    caller.request(method, 'service', extras);
    await caller.expect(`200 ${method}`);
  },
});

const outgoing = (method: 'OPTIONS' | 'MESSAGE' | 'REGISTER' | 'INFO', status: number, options: { headers?: Record<string, string>; body?: string } = {}): Scenario => ({
  name: `${method} goes out and is answered with ${status}`,
  async run({ srf, callee, calleeUri, note, ready }) {
    await ready();
    const request = await srf.request(calleeUri, { method, ...options });
    note('sent', request);
    const answered = new Promise<void>((resolve) => request.on('response', (response) => { note('answered', response); resolve(); }));
    callee.respond(await callee.expect(method), status, 'As Said');
    await answered;
  },
});

export const otherScenarios: Scenario[] = [
  incoming('OPTIONS'),
  incoming('MESSAGE', { body: 'hei', type: 'text/plain' }),
  incoming('REGISTER', { headers: [['Expires', '300'], ['Supported', 'path, outbound']] }),
  incoming('INFO', { body: '<SearchParameters/>', type: 'application/xml' }),
  incoming('NOTIFY', { headers: [['Event', 'presence'], ['Subscription-State', 'active']] }),
  incoming('REFER', { headers: [['Refer-To', '<sip:interpreter@palvelu.example>']] }),
  outgoing('OPTIONS', 200, { headers: { From: 'sip:gateway@localhost', Accept: 'application/sdp' } }),
  outgoing('MESSAGE', 202, { headers: { 'Content-Type': 'text/plain' }, body: 'hei' }),
  outgoing('REGISTER', 403, { headers: { Contact: '<sip:gateway@localhost>', Expires: '60' } }),
  outgoing('INFO', 404),
  {
    name: 'a method that no application asked for',
    async run({ caller, ready }) {
      await ready();
      caller.request('MESSAGE', 'service', { body: 'hei', type: 'text/plain' });
      await caller.expect('503 MESSAGE');
    },
  },
  {
    name: 'a subscription of a watcher, notified and ended by the watcher',
    async run({ srf, caller, note, ready }) {
      const subscribed = new Promise<Dialog>((resolve, reject) => {
        srf.subscribe((req, res) => { note('SUBSCRIBE', req); srf.createUAS(req, res, { headers: { Expires: '600' } }).then(resolve, reject); });
      });
      await ready();
      caller.request('SUBSCRIBE', 'service', { headers: [['Event', 'presence'], ['Expires', '600']] });
      const dialog = caller.callerDialog(await caller.expect('202 SUBSCRIBE'));
      const uas = await subscribed;
      const ended = new Promise<void>((resolve) => uas.on('unsubscribe', (req) => { note('unsubscribed', req); resolve(); }));
      const notifying = uas.request({ method: 'NOTIFY', headers: { Event: 'presence', 'Subscription-State': 'active;expires=600', 'Content-Type': 'application/pidf+xml' }, body: '<presence/>' });
      caller.respond(await caller.expect('NOTIFY'), 200, 'OK');
      note('NOTIFY answered', await notifying);
      caller.inDialog(dialog, 'SUBSCRIBE', { headers: [['Event', 'presence'], ['Expires', '0']] });
      await caller.expect('202 SUBSCRIBE');
      await ended;
    },
  },
  {
    name: 'a subscription of the application, notified and ended by the notifier',
    async run({ srf, callee, calleeUri, note, ready }) {
      await ready();
      const subscribing = srf.createUAC(calleeUri, { method: 'SUBSCRIBE', headers: { Event: 'presence', Expires: '600' } });
      const subscribe = await callee.expect('SUBSCRIBE');
      callee.respond(subscribe, 202, 'Accepted', { headers: [['Expires', '600']] });
      const uac = await subscribing;
      uac.on('notify', (req, res) => { note('NOTIFY', req); res.send(200); });
      const dialog = callee.calleeDialog(subscribe);
      callee.inDialog(dialog, 'NOTIFY', { headers: [['Event', 'presence'], ['Subscription-State', 'active']], body: '<presence/>', type: 'application/pidf+xml' });
      await callee.expect('200 NOTIFY');
    },
  },
  {
    name: 'a NOTIFY overtakes the answer to the SUBSCRIBE',
    async run({ srf, callee, calleeUri, note, ready }) {
      srf.notify((req, res) => { note('NOTIFY', req); res.send(200); });
      await ready();
      const subscribing = srf.createUAC(calleeUri, { method: 'SUBSCRIBE', headers: { Event: 'presence', Expires: '600' } });
      const subscribe = await callee.expect('SUBSCRIBE');
      callee.inDialog(callee.calleeDialog(subscribe), 'NOTIFY', { headers: [['Event', 'presence'], ['Subscription-State', 'active']], body: '<presence/>', type: 'application/pidf+xml' });
      await callee.expectFinal('NOTIFY');
      callee.respond(subscribe, 200, 'OK', { headers: [['Expires', '600']] });
      await subscribing;
    },
  },
  {
    name: 'a REGISTER with several contacts and parameters of outbound and push',
    async run({ srf, caller, note, ready }) {
      srf.register((req, res) => {
        note('REGISTER', req);
        res.send(200, { headers: { Contact: '<sip:a@192.0.2.1>;expires=60, <sip:b@192.0.2.2>;expires=120', Path: '<sip:edge.palvelu.example;lr>', Date: 'Mon, 01 Jan 2024 00:00:00 GMT' } });
      });
      await ready();
      caller.request('REGISTER', 'service', { headers: [
        ['Contact', '<sip:b@192.0.2.2>;reg-id=1;+sip.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"'], ['Path', '<sip:edge.palvelu.example;lr;ob>'],
        ['Authorization', 'Digest username="a", realm="r, with comma", nonce="n", uri="sip:x", response="00000000000000000000000000000000"']] });
      await caller.expect('200 REGISTER');
    },
  },
  {
    name: 'a call is proxied, the proxy stays in the dialog',
    async run({ srf, caller, callee, calleeUri, note, ready }) {
      srf.invite((req) => { void req.proxy({ remainInDialog: true, destination: calleeUri }).then(() => note('proxied'), (error) => note(`proxying failed ${statusOf(error)}`)); });
      await ready();
      caller.request('INVITE', 'service', { body: sdp(4000) });
      const invite = await callee.expect('INVITE');
      callee.respond(invite, 180, 'Ringing');
      await caller.expect(180);
      callee.respond(invite, 200, 'OK', { body: sdp(6000) });
      const ok = await caller.expect('200 INVITE');
      const route = headerOf(ok, 'record-route');
      const dialog = caller.callerDialog(ok);
      caller.inDialog(dialog, 'ACK', { headers: [['Route', route]] });
      await callee.expect('ACK');
      caller.inDialog(dialog, 'BYE', { headers: [['Route', route]] });
      callee.respond(await callee.expect('BYE'), 200, 'OK');
      await caller.expect('200 BYE');
    },
  },
  {
    name: 'a proxied call is refused',
    async run({ srf, caller, callee, calleeUri, note, ready }) {
      srf.invite((req) => { void req.proxy({ remainInDialog: false, destination: calleeUri, fullResponse: true }).then(() => note('proxied'), (error) => note(`proxying failed ${statusOf(error)}`)); });
      await ready();
      const invite = caller.request('INVITE', 'service', { body: sdp(4000) });
      callee.respond(await callee.expect('INVITE'), 486, 'Busy Here');
      await callee.expect('ACK');
      caller.acknowledgeFailure(invite, await caller.expect('486 INVITE'));
    },
  },
  {
    name: 'a proxied call is cancelled',
    async run({ srf, caller, callee, calleeUri, note, ready }) {
      srf.invite((req) => {
        req.on('cancel', (cancel) => note('cancelled', cancel));
        void req.proxy({ remainInDialog: true, destination: calleeUri }).then(() => note('proxied'), (error) => note(`proxying failed ${statusOf(error)}`));
      });
      await ready();
      const invite = caller.request('INVITE', 'service', { body: sdp(4000) });
      const outgoing_ = await callee.expect('INVITE');
      callee.respond(outgoing_, 180, 'Ringing');
      await caller.expect(180);
      caller.cancel(invite);
      callee.respond(await callee.expect('CANCEL'), 200, 'OK');
      callee.respond(outgoing_, 487, 'Request Terminated');
      await callee.expect('ACK');
      caller.acknowledgeFailure(invite, await caller.expect('487 INVITE'));
    },
  },
  {
    name: 'a call is proxied to two destinations in turn',
    async run({ srf, caller, callee, calleeUri, note, ready }) {
      srf.invite((req) => {
        void req.proxy({ remainInDialog: false, forking: 'sequential', destination: [`${calleeUri};try=1`, `${calleeUri};try=2`] })
          .then(() => note('proxied'), (error) => note(`proxying failed ${statusOf(error)}`));
      });
      await ready();
      caller.request('INVITE', 'service', { body: sdp(4000) });
      callee.respond(await callee.expect('INVITE'), 480, 'Temporarily Unavailable');
      await callee.expect('ACK');
      const second = await callee.expect('INVITE');
      callee.respond(second, 200, 'OK', { body: sdp(6000) });
      await caller.expect('200 INVITE');
    },
  },
  {
    name: 'call detail events of an answered call',
    async run({ srf, caller, note, ready }) {
      const stopped = new Promise<void>((resolve) => {
        srf.on('cdr:attempt', (source, _time, message) => note(`attempt ${source}`, message));
        srf.on('cdr:start', (source, _time, role, message) => note(`start ${source} ${role}`, message));
        srf.on('cdr:stop', (source, _time, reason, message) => { note(`stop ${source} ${reason}`, message); resolve(); });
      });
      srf.invite((req, res) => { void srf.createUAS(req, res, { localSdp: sdp(5000) }); });
      await ready();
      caller.request('INVITE', 'service', { body: sdp(4000) });
      const dialog = caller.callerDialog(await caller.expect('200 INVITE'));
      caller.inDialog(dialog, 'ACK');
      caller.inDialog(dialog, 'BYE');
      await caller.expect('200 BYE');
      await stopped;
    },
  },
];
