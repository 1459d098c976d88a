import { parseNameAddr, parseUri, type AgentRequest } from '../../../sip-server';
import type { Caller } from '../channel';

const uriOf = (nameAddr: string | undefined): string => parseNameAddr(nameAddr ?? '')?.uri ?? '';

/** `user@host:port`, and its parts, under one prefix. */
function uriVariables(prefix: string, uriText: string): Record<string, string | undefined> {
  const uri = parseUri(uriText);
  if (uri === undefined) return {};
  const user = uri.user ?? 'nobody';
  return {
    [`${prefix}_user`]: user, [`${prefix}_port`]: uri.port?.toString(),
    [`${prefix}_uri`]: `${user}@${uri.host}${uri.port === undefined ? '' : `:${uri.port}`}`, [`${prefix}_host`]: uri.host,
  };
}

/** The channel's name as mod_sofia writes it: profile and From. */
export function channelName({ message, address, port }: AgentRequest): string {
  const from = parseUri(uriOf(message.get('From')));
  return `sofia/drachtio_mrf/${from?.user ?? 'nobody'}@${from === undefined ? `${address}:${port}` : `${from.host}${from.port === undefined ? '' : `:${from.port}`}`}`;
}

export function callerOf({ message, address }: AgentRequest): Caller {
  const from = message.from;
  const user = parseUri(from?.uri ?? '')?.user;
  return { name: from?.displayName ?? user ?? 'unknown', number: user, networkAddress: address, destination: parseUri(message.uri)?.user ?? '' };
}

/** What mod_sofia says of an INVITE in channel variables; `X-` header fields under `sip_h_`. */
export function inviteVariables(request: AgentRequest, localAddress: string): Record<string, string | undefined> {
  const { message, address, port, protocol } = request;
  const [sentBy = ''] = (message.getAll('Via')[0] ?? '').split(';');
  const via = sentBy.split(/\s+/).at(-1) ?? '';
  const extensions = message.headers.filter(({ name }) => /^X-/i.test(name)).slice(0, 50).map(({ name, value }) => [`sip_h_${name}`, value] as const);
  return {
    direction: 'inbound', ...uriVariables('sip_from', uriOf(message.get('From'))), sip_network_ip: address, sip_network_port: String(port),
    sip_received_ip: address, sip_received_port: String(port), sip_via_protocol: protocol, sofia_profile_name: 'drachtio_mrf',
    sofia_profile_url: `sip:mod_sofia@${localAddress}`, recovery_profile_name: 'drachtio_mrf', ...uriVariables('sip_req', message.uri),
    ...uriVariables('sip_to', uriOf(message.get('To'))), ...uriVariables('sip_contact', uriOf(message.get('Contact'))),
    sip_user_agent: message.get('User-Agent'), sip_via_host: via.replace(/:\d+$/, ''), sip_via_port: /:(\d+)$/.exec(via)?.[1],
    max_forwards: message.get('Max-Forwards'), ...Object.fromEntries(extensions), sip_call_id: message.callId, sip_from_tag: message.fromTag,
    sip_cseq: message.cseq?.seq.toString(), sip_full_via: message.get('Via'), sip_full_from: message.get('From'),
    send_silence_when_idle: '-1', hangup_after_bridge: 'false', park_after_bridge: 'true', playback_terminators: 'none',
  };
}
