import type { Random } from '../support/random';
import { sdp } from './support';

type Draw = (random: Random) => { rtpmap: string; fmtp?: string; payloadType?: number };

const oneOf = (random: Random, ...choices: (string | undefined)[]): string | undefined => random.pick(choices);

const AUDIO: readonly Draw[] = [
  () => ({ rtpmap: 'PCMA/8000', payloadType: 8 }), () => ({ rtpmap: 'PCMU/8000', payloadType: 0 }), () => ({ rtpmap: 'G722/8000', payloadType: 9 }),
  () => ({ rtpmap: 'GSM/8000', payloadType: 3 }), () => ({ rtpmap: 'G723/8000', payloadType: 4 }), () => ({ rtpmap: 'G728/8000', payloadType: 15 }),
  (random) => ({ rtpmap: 'G729/8000', payloadType: 18, fmtp: oneOf(random, undefined, 'annexb=no', 'annexb=yes') }),
  (random) => ({ rtpmap: 'G7221/16000', fmtp: oneOf(random, 'bitrate=24000', 'bitrate=32000', 'bitrate=1') }),
  (random) => ({ rtpmap: 'G7221/32000', fmtp: oneOf(random, 'bitrate=24000', 'bitrate=32000', 'bitrate=48000') }),
  () => ({ rtpmap: 'opus/48000/2' }), () => ({ rtpmap: 'speex/16000' }), () => ({ rtpmap: 'telephone-event/8000', fmtp: '0-15' }),
];

const LEVELS = ['0a', '0b', '0c', '0d', '14', '15', '16', '1e', '1f', '20', '28', '29', '2a', '32', '33', '34', '09'];

const VIDEO: readonly Draw[] = [
  (random) => {
    const custom = (name: string, most: number): string => (random.chance(0.3) ? `;${name}=${random.integer(0, most)}` : '');
    const id = random.pick(['4200', '4280', '42e0', '4290', '4d40', '6400', '58a0', 'f400']) + random.pick(LEVELS);
    return {
      rtpmap: 'H264/90000',
      fmtp: `profile-level-id=${id}${random.pick(['', ';packetization-mode=0', ';packetization-mode=1', ';packetization-mode=2'])}${custom('max-mbps', 2_000_000)}${custom('max-fs', 60_000)}${custom('max-br', 300_000)}`,
    };
  },
  (random) => ({ rtpmap: 'H263/90000', payloadType: 34, fmtp: oneOf(random, undefined, 'CIF=1;QCIF=1', 'CIF4=2;F=1', 'CIF=99') }),
  (random) => ({ rtpmap: random.pick(['H263-1998/90000', 'H263-2000/90000']), fmtp: oneOf(random, undefined, 'CIF=1;I=1;J=1', 'SQCIF=3;QCIF=2;T=1;D=1', 'CIF16=32') }),
  (random) => ({ rtpmap: 'H261/90000', payloadType: 31, fmtp: oneOf(random, undefined, 'CIF=2;QCIF=1', 'QCIF=4') }),
  () => ({ rtpmap: 'VP8/90000' }),
];

/** A description of what a party might say, with most of its formats known to H.245. */
export function randomDescription(random: Random): string {
  return sdp(
    ...line(random, 'audio', 4_000, AUDIO), ...(random.chance(0.8) ? line(random, 'video', 4_002, VIDEO) : []),
    ...(random.chance(0.3) ? [...line(random, 'video', 4_004, VIDEO), 'a=content:slides'] : []),
    ...(random.chance(0.3) ? ['m=application 4006 RTP/AVP 120', 'a=rtpmap:120 H224/4800'] : []),
  );
}

function line(random: Random, type: string, port: number, draws: readonly Draw[]): string[] {
  const formats = new Map<number, ReturnType<Draw>>();
  for (let count = random.integer(1, 6); count > 0; count--) {
    const format = random.pick(draws)(random);
    formats.set(format.payloadType ?? 96 + formats.size, format);
  }
  return [
    `m=${type} ${random.chance(0.05) ? 0 : port} RTP/AVP ${[...formats.keys()].join(' ')}`,
    ...(random.chance(0.4) ? [random.pick(['b=TIAS:', 'b=AS:']) + random.integer(1, 4_000) * (random.chance(0.5) ? 1_000 : 1)] : []),
    ...[...formats].flatMap(([payloadType, { rtpmap, fmtp }]) => [`a=rtpmap:${payloadType} ${rtpmap}`, ...(fmtp === undefined ? [] : [`a=fmtp:${payloadType} ${fmtp}`])]),
    ...(random.chance(0.3) ? [`a=ptime:${random.pick([10, 20, 30, 60])}`] : []), ...(random.chance(0.2) ? [`a=maxptime:${random.pick([20, 40, 60, 200])}`] : []),
    ...(random.chance(0.2) ? [random.pick(['a=sendonly', 'a=recvonly', 'a=inactive', 'a=sendrecv'])] : []),
  ];
}
