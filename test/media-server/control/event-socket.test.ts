import { startMediaServer, type LocalMediaServer } from '../../../src/embedded/media-server';
import { request, udpPeer, type Peer } from '../../sip-server/support/peer';
import { OutboundApplication } from './support/application';
import { EslClient } from './support/esl-client';
import { RtpPhone } from './support/rtp-phone';
import { PASSWORD } from './support/running-media-server';

/** The event socket on the wire, in the forms that FreeSWITCH 1.11 was recorded with. */
let server: LocalMediaServer;
let phone: RtpPhone;
let caller: Peer;
let application: OutboundApplication;
const clients: EslClient[] = [];

beforeEach(async () => {
  server = await startMediaServer({
    esl: { host: '127.0.0.1', port: 0 }, password: PASSWORD, sip: { host: '127.0.0.1', port: 0 }, rtp: { min: 0, max: 0 }, maxSessions: 3,
  });
  phone = await RtpPhone.open();
  caller = await udpPeer('127.0.0.1', server.sipPort);
  application = await OutboundApplication.listen();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  phone.close();
  caller.close();
  application.close();
  await server.close();
});

async function inbound(): Promise<EslClient> {
  const client = await EslClient.authenticated(server.eslPort, PASSWORD);
  clients.push(client);
  return client;
}

/** A call, and the connection that the server makes for it. */
const call = (callId = 'call'): ReturnType<OutboundApplication['next']> => application.call(server, caller, phone, callId, ['User-Agent: drachtio-fsmrf:x']);

const execute = (uuid: string, application: string, argument: string, more = ''): string =>
  `sendmsg ${uuid}\ncall-command: execute\nexecute-app-name: ${application}\nexecute-app-arg: ${argument}\n${more}`.trimEnd();

describe('who is let in', () => {
  test('who knows the password', async () => {
    const client = await EslClient.connect(server.eslPort);
    await client.next('auth/request');
    expect(await client.command(`auth ${PASSWORD}`)).toBe('+OK accepted');
    client.close();
  });

  test('nobody with another one, and nobody without', async () => {
    const client = await EslClient.connect(server.eslPort);
    expect(await client.command('auth ClueCon')).toBe('-ERR invalid');
    expect((await client.next('text/disconnect-notice')).body).toMatch(/^Disconnected, goodbye\.\n/);
    await client.ended();
    const other = await EslClient.connect(server.eslPort);
    expect(await other.command('api status')).toBe('-ERR command not found');
    await other.ended();
  });

  test('nobody from an address that is not allowed', async () => {
    const open = await startMediaServer({
      esl: { host: '0.0.0.0', port: 0 }, password: PASSWORD, sip: { host: '0.0.0.0', port: 0 }, rtp: { min: 0, max: 0, address: '127.0.0.1' },
    });
    const own = Object.values((await import('node:os')).networkInterfaces()).flatMap((list) => list ?? []).find(({ family, internal }) => family === 'IPv4' && !internal);
    try {
      if (own === undefined) return;
      const client = await EslClient.connect(open.eslPort, own.address);
      expect((await client.next('text/rude-rejection')).body).toBe('Access Denied, go away.\n');
      await client.ended();
      const stranger = await udpPeer(own.address, open.sipPort, own.address as '127.0.0.1');
      stranger.send(request(stranger, 'INVITE', `sip:x@${own.address}`, { headers: ['X-esl-outbound: 127.0.0.1:1'], body: phone.sdp() }));
      expect((await stranger.next(403)).get('Warning')).toContain('not allowed');
      stranger.close();
    } finally {
      await open.close();
    }
  });
});

describe('commands', () => {
  test.each([
    ['event json HEARTBEAT', '+OK event listener enabled json'],
    ['event plain ALL', '+OK event listener enabled plain'],
    ['event json', '-ERR no keywords supplied'],
    ['nixevent HEARTBEAT', '+OK events nixed'],
    ['noevents', '-ERR not listening for events'],
    ['filter Unique-ID 1234', '+OK filter added. [Unique-ID]=[1234]'],
    ['filter delete Unique-ID', '+OK filter deleted. [Unique-ID]=[]'],
    ['filter Unique-ID', '-ERR invalid syntax'],
    ['log 7', '+OK log level 7 [7]'],
    ['nolog', '+OK no longer logging'],
    ['divert_events on', '+OK'],
    ['linger', '-ERR not controlling a session'],
    ['myevents 1234', '-ERR invalid uuid'],
    ['sendmsg 1234\ncall-command: hangup', '-ERR invalid session id [1234]'],
    ['dance', '-ERR command not found'],
  ])('%s', async (command, reply) => {
    expect(await (await inbound()).command(command)).toBe(reply);
  });

  test('exit says goodbye and closes', async () => {
    const client = await inbound();
    expect(await client.command('exit')).toBe('+OK bye');
    await client.next('text/disconnect-notice');
    await client.ended();
  });

  test('a command is answered when its line has come, and what belongs to it is not taken for another one', async () => {
    const client = await inbound();
    client.write('api hostname\n');
    const { body } = await client.next('api/response');
    client.write('console_execute: true\n');
    client.write('\nlog 7\n\n');
    expect((await client.next('command/reply')).headers.get('Reply-Text')).toBe('+OK log level 7 [7]');
    expect(await client.api('hostname')).toBe(body);
  });

  test('a job in the background is told under its name', async () => {
    const client = await inbound();
    await client.command('event json BACKGROUND_JOB');
    expect(await client.command('bgapi status\nJob-UUID: 4711')).toBe('+OK Job-UUID: 4711');
    const job = await client.event('BACKGROUND_JOB');
    expect(job).toMatchObject({ 'Job-UUID': '4711', 'Job-Command': 'status' });
    expect(job['_body']).toMatch(/^UP 0 years/);
  });

  test('status and sofia status, as their readers take them apart', async () => {
    const client = await inbound();
    expect(await client.api('status')).toMatch(/^UP 0 years, 0 days, [\s\S]*\n0 session\(s\) since startup\n0 session\(s\) - peak 0, last 5min 0 \n[\s\S]*\n3 session\(s\) max\nmin idle cpu [\d.]+\/[\d.]+\n/);
    expect(await client.api('sofia status')).toBe([
      '                     Name\t   Type\t                                      Data\tState', '='.repeat(97),
      '                127.0.0.1\t  alias\t                              drachtio_mrf\tALIASED',
      `             drachtio_mrf\tprofile\t${`sip:mod_sofia@127.0.0.1:${server.sipPort}`.padStart(42)}\tRUNNING (0)`, '='.repeat(97), '1 profile 1 alias\n',
    ].join('\n'));
  });

  test.each([
    ['dance now', '-ERR dance command not found\n'], ['uuid_kill 1234', '-ERR No such channel!\n'], ['uuid_bridge', '-USAGE: <uuid> <other_uuid>\n'],
    ['show channels count', '\n0 total.\n'], ['show channels as json', '{"row_count":0}\n'], ['conference list', '+OK No active conferences.\n'],
    ['conference room list count', '-ERR Conference room not found\n'], ['uuid_exists 1234', 'false'], ['global_getvar x', '-ERR no reply\n'],
    ['originate', '-USAGE: <call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>]\n'],
  ])('api %s', async (command, answer) => {
    expect(await (await inbound()).api(command)).toBe(answer);
  });
});

describe('channels', () => {
  test('connect answers with the channel, in the fields and the order that were recorded', async () => {
    const { data, uuid } = await call();
    const names = [...data.keys()];
    const recorded = [
      'Event-Name', 'Core-UUID', 'FreeSWITCH-Hostname', 'FreeSWITCH-Switchname', 'FreeSWITCH-IPv4', 'FreeSWITCH-IPv6', 'Event-Date-Local',
      'Event-Date-GMT', 'Event-Date-Timestamp', 'Event-Sequence', 'Channel-Direction', 'Channel-Logical-Direction', 'Channel-Dialplan',
      'Channel-Caller-ID-Name', 'Channel-Orig-Caller-ID-Name', 'Channel-Network-Addr', 'Channel-Destination-Number', 'Channel-Unique-ID',
      'Channel-Source', 'Channel-Context', 'Channel-Channel-Name', 'Channel-State', 'Channel-Call-State', 'Channel-State-Number', 'Channel-Name',
      'Unique-ID', 'Call-Direction', 'Presence-Call-Direction', 'Channel-HIT-Dialplan', 'Channel-Call-UUID', 'Answer-State',
      'Channel-Read-Codec-Name', 'Channel-Read-Codec-Rate', 'Channel-Read-Codec-Bit-Rate', 'Channel-Write-Codec-Name', 'Caller-Direction',
      'Caller-Caller-ID-Name', 'Caller-Network-Addr', 'Caller-Unique-ID', 'Caller-Channel-Name', 'variable_direction',
      'Content-Type', 'Reply-Text', 'Socket-Mode', 'Control',
    ];
    expect(names.filter((name) => recorded.includes(name))).toEqual(recorded);
    expect(data.get('Reply-Text')).toBe('%2BOK%0A');
    expect(data.get('Channel-State')).toBe('CS_EXECUTE');
    expect(data.get('Answer-State')).toBe('answered');
    expect(data.get('variable_sip_user_agent')).toBe('drachtio-fsmrf%3Ax');
    expect(decodeURIComponent(data.get('variable_switch_r_sdp') ?? '')).toBe(phone.sdp());
    expect(data.get('Unique-ID')).toBe(uuid);
    expect(names).toEqual(expect.arrayContaining([
      'variable_rtp_local_sdp_str', 'variable_local_media_ip', 'variable_local_media_port', 'variable_remote_media_ip', 'variable_remote_media_port',
      'variable_dtmf_type', 'variable_sip_call_id', 'variable_sip_to_tag', 'variable_rtp_use_codec_name', 'variable_read_codec', 'variable_write_rate',
    ]));
  });

  test('an application is told from its beginning to its end', async () => {
    const { channel, uuid } = await call();
    await channel.command('event json CHANNEL_EXECUTE CHANNEL_EXECUTE_COMPLETE PLAYBACK_START PLAYBACK_STOP');
    await channel.command(`filter Unique-ID ${uuid}`);
    expect(await channel.command(execute(uuid, 'playback', 'tone_stream://%(100,0,440)', 'Event-UUID: e-1'))).toBe('+OK');
    expect(await channel.event('CHANNEL_EXECUTE')).toMatchObject({
      'Application': 'playback', 'Application-Data': 'tone_stream://%(100,0,440)', 'Application-UUID': 'e-1', 'variable_current_application': 'playback',
    });
    expect(await channel.event('PLAYBACK_START')).toMatchObject({ 'Playback-File-Type': 'tone_stream', 'Playback-File-Path': 'tone_stream://%(100,0,440)' });
    expect(await channel.event('PLAYBACK_STOP')).toMatchObject({ 'Playback-Status': 'done', 'variable_playback_ms': '100', 'variable_playback_samples': '800' });
    expect(await channel.event('CHANNEL_EXECUTE_COMPLETE')).toMatchObject({ 'Application-Response': 'FILE PLAYED', 'Application-UUID': 'e-1' });
  });

  test('a message is answered when it is known for whom it is, and done when it is whole', async () => {
    const { channel, uuid } = await call();
    channel.write(`sendmsg ${uuid}\n`);
    expect((await channel.next('command/reply')).headers.get('Reply-Text')).toBe('+OK');
    channel.write('call-command: execute\nexecute-app-name: set\nexecute-app-arg: x=1\n\n');
    expect(await channel.api(`uuid_getvar ${uuid} x`)).toBe('1');
    expect(await channel.command('sendmsg\ncall-command: execute\nexecute-app-name: set\nexecute-app-arg: x=2')).toBe('+OK');
    expect(await channel.api(`uuid_getvar ${uuid} x`)).toBe('2');
    expect(channel.frames).toHaveLength(0);
  });

  test('applications with event-lock wait for one another, others run inside', async () => {
    const { channel, uuid } = await call();
    await channel.command('event json CHANNEL_EXECUTE_COMPLETE');
    for (const [application, argument, id, lock] of [['sleep', '200', 'a', 'event-lock: true'], ['set', 'x=1', 'b', '']] as const) {
      await channel.command(execute(uuid, application, argument, `Event-UUID: ${id}\n${lock}`));
    }
    expect((await channel.event('CHANNEL_EXECUTE_COMPLETE'))['Application-UUID']).toBe('a');
    expect((await channel.event('CHANNEL_EXECUTE_COMPLETE'))['Application-UUID']).toBe('b');
    await channel.command(execute(uuid, 'sleep', '200', 'Event-UUID: c'));
    await channel.command(execute(uuid, 'set', 'x=${x}2', 'Event-UUID: d'));
    expect(await channel.event('CHANNEL_EXECUTE_COMPLETE')).toMatchObject({ 'Application-UUID': 'd', 'variable_x': '12' });
    expect((await channel.event('CHANNEL_EXECUTE_COMPLETE'))['Application-UUID']).toBe('c');
  });

  test('loops repeat an application', async () => {
    const { channel, uuid } = await call();
    await channel.command('event json CHANNEL_EXECUTE');
    await channel.command(execute(uuid, 'set', 'x=1', 'loops: 2'));
    expect(await channel.event('CHANNEL_EXECUTE')).toMatchObject({ variable_current_loop: '1', variable_total_loops: '2' });
    expect(await channel.event('CHANNEL_EXECUTE')).toMatchObject({ variable_current_loop: '2' });
  });

  test('an application that there is not ends the call, as in FreeSWITCH', async () => {
    const { channel, uuid } = await call();
    await channel.command('event json CHANNEL_HANGUP_COMPLETE');
    await channel.command(execute(uuid, 'dance', ''));
    expect(await channel.event('CHANNEL_HANGUP_COMPLETE')).toMatchObject({ 'Hangup-Cause': 'DESTINATION_OUT_OF_ORDER' });
    expect((await caller.next('BYE')).get('Reason')).toBe('Q.850;cause=27;text="DESTINATION_OUT_OF_ORDER"');
  });

  test('the end is told in order, and the connection closed', async () => {
    const { channel, uuid } = await call();
    await channel.command(`myevents ${uuid} json`);
    await channel.command(execute(uuid, 'hangup', 'USER_BUSY'));
    const { headers, body } = await channel.next('text/disconnect-notice');
    expect(Object.fromEntries(headers)).toEqual({
      'Content-Type': 'text/disconnect-notice', 'Controlled-Session-UUID': uuid, 'Content-Disposition': 'disconnect', 'Content-Length': '67',
    });
    expect(body).toBe('Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n');
    await channel.ended();
    const told = channel.frames.map((frame) => (JSON.parse(frame.body) as Record<string, string>)['Event-Name']);
    expect(told).toEqual(['CHANNEL_EXECUTE', 'CHANNEL_HANGUP', 'CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_CALLSTATE', 'CHANNEL_HANGUP_COMPLETE', 'CHANNEL_DESTROY']);
  });

  test('with linger the application reads on after the end', async () => {
    const { channel, uuid } = await call();
    expect(await channel.command('linger 30')).toBe('+OK will linger 30 seconds');
    await channel.command(execute(uuid, 'hangup', ''));
    expect((await channel.next('text/disconnect-notice')).headers.get('Content-Disposition')).toBe('linger');
    expect(await channel.api('show channels count')).toBe('\n0 total.\n');
    expect(await channel.command('exit')).toBe('+OK bye');
    await channel.ended();
  });

  test('the call ends when its connection is lost, unless the application wants it to go on', async () => {
    const lost = await call('lost');
    lost.channel.close();
    await caller.next('BYE');
    const kept = await call('kept');
    expect(await kept.channel.command('resume')).toBe('+OK');
    kept.channel.close();
    const client = await inbound();
    expect(await client.api(`uuid_exists ${kept.uuid}`)).toBe('true');
  });

  test('a channel is dumped in plain, JSON and XML', async () => {
    const { uuid } = await call();
    const client = await inbound();
    await client.api(`uuid_setvar ${uuid} greeting hyvää päivää & <tervetuloa>`);
    expect(await client.api(`uuid_dump ${uuid}`)).toContain('\nvariable_greeting: hyv%C3%A4%C3%A4%20p%C3%A4iv%C3%A4%C3%A4%20%26%20%3Ctervetuloa%3E\n');
    expect(JSON.parse(await client.api(`uuid_dump ${uuid} json`))).toMatchObject({ 'Event-Name': 'CHANNEL_DATA', 'variable_greeting': 'hyvää päivää & <tervetuloa>' });
    expect(await client.api(`uuid_dump ${uuid} xml`)).toMatch(/^<event>\n {2}<headers>\n {4}<Event-Name>CHANNEL_DATA<\/Event-Name>[\s\S]*<variable_greeting>hyv%C3%A4/);
    expect(await client.api(`uuid_getvar ${uuid} greeting`)).toBe('hyvää päivää & <tervetuloa>');
    expect(await client.api('show channels')).toContain(uuid);
  });

  test('a transfer runs the applications of its inline dial plan one after the other, a break ends what runs', async () => {
    const { channel, uuid } = await call();
    await channel.command('event json CHANNEL_EXECUTE CHANNEL_EXECUTE_COMPLETE CHANNEL_PARK');
    await channel.command(execute(uuid, 'sleep', '60000', 'Event-UUID: s'));
    expect(await channel.api(`uuid_transfer ${uuid} set:a=1,set:b=\${a}2,park inline`)).toBe('+OK\n');
    expect((await channel.event('CHANNEL_EXECUTE_COMPLETE'))['Application-UUID']).toBe('s');
    await channel.event('CHANNEL_PARK');
    expect(await channel.api(`uuid_getvar ${uuid} b`)).toBe('12');
    expect(await channel.api('show channels')).toContain(',park,');
    expect(await channel.api(`uuid_break ${uuid} all`)).toBe('+OK\n');
    await channel.next('text/event-json', ({ body }) => body.includes('CHANNEL_EXECUTE_COMPLETE') && body.includes('"Application":"park"'));
    expect(await channel.api(`uuid_park ${uuid}`)).toBe('+OK\n');
    await channel.event('CHANNEL_PARK');
  });

  test.each([
    ['uuid_audio UUID start read mute -4', '+OK Success\n'], ['uuid_audio UUID stop', '+OK Success\n'], ['uuid_audio UUID start write level 1', '-ERR Operation failed\n'],
    ['uuid_video_refresh UUID', '+OK Success\n'], ['uuid_set_media_stats UUID', '+OK:\n'], ['uuid_send_dtmf UUID 12@100', '+OK UUID sent DTMF 12@100.\n'],
    ['uuid_send_dtmf UUID x', '-ERR Failed to send dtmf\n'], ['uuid_record UUID stop nothing.wav', '-ERR Operation failed\n'], ['uuid_bridge UUID UUID', '-ERR Invalid uuid\n'],
    ['uuid_setvar_multi UUID a=1;b=2', '+OK\n'], ['uuid_getvar UUID nothing', '_undef_'], ['uuid_exists UUID', 'true'], ['uuid_kill UUID', '+OK\n'],
  ])('api %s', async (command, answer) => {
    const { channel, uuid } = await call();
    expect(await channel.api(command.replaceAll('UUID', uuid))).toBe(answer.replaceAll('UUID', uuid));
  });

  test('digits that an application feeds are told like those of the party', async () => {
    const { channel, uuid } = await call();
    await channel.command('event json DTMF');
    expect(await channel.api(`uuid_recv_dtmf ${uuid} 12#`)).toBe(`+OK ${uuid} received DTMF 12#.\n`);
    expect(await channel.event('DTMF')).toMatchObject({ 'DTMF-Digit': '1', 'DTMF-Duration': '2000', 'DTMF-Source': 'APP' });
  });

  test('a filter that keeps out, and one that lets in', async () => {
    const { channel, uuid } = await call();
    await channel.command('event json DTMF');
    await channel.command('filter DTMF-Digit -2');
    await channel.command('filter Event-Name DTMF');
    await channel.api(`uuid_recv_dtmf ${uuid} 213`);
    expect((await channel.event('DTMF'))['DTMF-Digit']).toBe('1');
    expect((await channel.event('DTMF'))['DTMF-Digit']).toBe('3');
  });
});
