import type { Codec, RtpStream } from '../../contracts';
import type { Channel } from '../channel';
import { codecName, codecRate } from '../channel-headers';
import { lineFacts } from './sdp-facts';

/** The first stream of a kind, without the slides. */
const main = (channel: Channel, kind: 'audio' | 'video'): RtpStream | undefined =>
  channel.session.streams.find((stream) => stream.kind === kind && stream.content === 'main');

const isSendRecv = (stream: RtpStream | undefined): string =>
  stream === undefined ? 'disabled' : stream.canSend ? (stream.canReceive ? 'sendrecv' : 'sendonly') : stream.canReceive ? 'recvonly' : 'inactive';

const fmtp = (codec: Codec): string | undefined => Object.entries(codec.fmtp).map(([name, value]) => `${name}=${value}`).join('; ') || undefined;

/** What FreeSWITCH says of a negotiated session in channel variables; the descriptions as they were sent and received. */
export function setMediaVariables(channel: Channel, descriptions?: { local: string; remote: string }): void {
  const { session } = channel;
  const { local: localSdp, remote: remoteSdp } = descriptions ?? { local: session.localSdp ?? '', remote: session.remoteSdp ?? '' };
  const audio = main(channel, 'audio');
  const video = main(channel, 'video');
  const local = lineFacts(localSdp, 'audio');
  const remote = lineFacts(remoteSdp, 'audio');
  const localVideo = lineFacts(localSdp, 'video');
  const remoteVideo = lineFacts(remoteSdp, 'video');
  channel.setVariables({
    switch_r_sdp: remoteSdp, rtp_local_sdp_str: localSdp,
    audio_media_flow: isSendRecv(audio), video_media_flow: isSendRecv(video),
    remote_audio_media_flow: remote?.direction ?? 'inactive', remote_video_media_flow: remoteVideo?.direction ?? 'inactive',
    local_media_ip: local?.ip, local_media_port: local?.port, advertised_media_ip: local?.ip,
    remote_media_ip: remote?.ip, remote_media_port: remote?.port,
    dtmf_type: audio?.telephoneEvent === undefined ? 'none' : 'rfc2833',
    rtp_2833_send_payload: audio?.telephoneEvent?.payloadType.toString(), rtp_2833_recv_payload: audio?.telephoneEvent?.payloadType.toString(),
    video_possible: video === undefined ? undefined : 'true',
    local_video_ip: localVideo?.ip, local_video_port: localVideo?.port, remote_video_ip: remoteVideo?.ip, remote_video_port: remoteVideo?.port,
    ...audioVariables(audio), ...videoVariables(video),
  });
}

function audioVariables(audio: RtpStream | undefined): Record<string, string | undefined> {
  if (audio === undefined) return {};
  const { codec } = audio;
  const [name, rate] = [codecName(codec), codecRate(codec)];
  return {
    rtp_use_codec_name: name, rtp_use_codec_rate: rate, rtp_use_codec_ptime: String(audio.ptime), rtp_use_codec_channels: String(codec.channels),
    rtp_use_codec_fmtp: fmtp(codec), rtp_last_audio_codec_string: `${name}@${rate}h@${audio.ptime}i@${codec.channels}c`,
    read_codec: name, original_read_codec: name, read_rate: rate, original_read_rate: rate, write_codec: name, write_rate: rate,
    rtp_audio_recv_pt: String(codec.payloadType), rtp_use_pt: String(codec.payloadType), rtp_use_ssrc: String(audio.ssrc),
  };
}

function videoVariables(video: RtpStream | undefined): Record<string, string | undefined> {
  if (video === undefined) return {};
  const { codec } = video;
  return {
    rtp_use_video_codec_name: codec.name, rtp_use_video_codec_rate: String(codec.clockRate), rtp_use_video_codec_fmtp: fmtp(codec),
    rtp_last_video_codec_string: `${codec.name}@${codec.clockRate}h`, video_read_codec: codec.name, video_write_codec: codec.name,
    video_read_rate: String(codec.clockRate), video_write_rate: String(codec.clockRate),
    rtp_video_pt: String(codec.payloadType), rtp_video_recv_pt: String(codec.payloadType), rtp_use_video_pt: String(codec.payloadType),
    rtp_use_video_ssrc: String(video.ssrc),
  };
}

/** `uuid_set_media_stats`: RTP counters as channel variables. */
export function setMediaStatistics(channel: Channel): void {
  for (const kind of ['audio', 'video'] as const) {
    const stream = main(channel, kind);
    if (stream === undefined) continue;
    const { packetsReceived, bytesReceived, packetsLost, packetsSent, bytesSent, jitterMs } = stream.counters;
    const expected = packetsReceived + packetsLost;
    const quality = expected === 0 ? 100 : (packetsReceived / expected) * 100;
    const inbound: Record<string, string> = {
      raw_bytes: String(bytesReceived), media_bytes: String(bytesReceived), packet_count: String(packetsReceived),
      media_packet_count: String(packetsReceived), skip_packet_count: String(packetsLost), jitter_packet_count: '0', dtmf_packet_count: '0',
      cng_packet_count: '0', flush_packet_count: '0', jitter_max_variance: jitterMs.toFixed(2),
      jitter_loss_rate: (100 - quality).toFixed(2), mean_interval: stream.ptime.toFixed(2), flaw_total: String(packetsLost),
      quality_percentage: quality.toFixed(2), mos: meanOpinionScore(quality).toFixed(2),
    };
    const outbound: Record<string, string> = {
      raw_bytes: String(bytesSent), media_bytes: String(bytesSent), packet_count: String(packetsSent), media_packet_count: String(packetsSent),
      skip_packet_count: '0', dtmf_packet_count: '0', cng_packet_count: '0',
    };
    for (const [name, value] of Object.entries(inbound)) channel.setVariable(`rtp_${kind}_in_${name}`, value);
    for (const [name, value] of Object.entries(outbound)) channel.setVariable(`rtp_${kind}_out_${name}`, value);
  }
}

/** ITU-T G.107 annex B, equation B-4, with the share of packets that came as the rating, as FreeSWITCH has it. */
const meanOpinionScore = (r: number): number => Math.min(4.5, Math.max(1, 1 + 0.035 * r + 0.000007 * r * (r - 60) * (100 - r)));
