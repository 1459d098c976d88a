/**
 * Opus (RFC 6716, RFC 7587) by libopus in WebAssembly. Its module is driven directly: the package's own class keeps views of
 * the module's memory that go stale when the memory grows, and addresses them in the wrong unit.
 */
interface OpusHandler {
  _encode(pcm: number, bytes: number, packet: number, frameSize: number): number;
  _decode(packet: number, bytes: number, pcm: number): number;
  _encoder_ctl(request: number, value: number): number;
}

interface OpusModule {
  /** Views of the memory as it is now; they are replaced when it grows. */
  HEAPU8: Uint8Array;
  HEAPU16: Uint16Array;
  _malloc(bytes: number): number;
  OpusScriptHandler: {
    new (rate: number, channels: number, application: number): OpusHandler;
    destroy_handler(handler: OpusHandler): void;
  };
}

const APPLICATION_VOIP = 2048;
const SET_BITRATE = 4002;
const SET_COMPLEXITY = 4010;
const SET_INBAND_FEC = 4012;
const SET_PACKET_LOSS_PERC = 4014;
/** Of 10: speech loses little below that, and costs a third less than at 5. */
const COMPLEXITY = 2;
/** Mono speech of full quality (RFC 7587 section 3.1.1). */
const BITRATE = 32_000;
/** A packet holds at most 120 ms (RFC 6716 section 3.2.5) and what is sent here at most 60 ms. */
const MAXIMUM_PACKET = 1_500;
const MAXIMUM_SAMPLES = 48_000 * 0.12;
/** The handlers take and give each byte of a sample in a word of 16 bits of its own. */
const WORDS_PER_SAMPLE = 2;

let library: { module: OpusModule; pcm: number; packet: number } | undefined;

/** The module and its scratch memory; calls are synchronous, so that all handlers share it. */
function opusLibrary(): { module: OpusModule; pcm: number; packet: number } {
  if (library === undefined) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when the first call speaks Opus.
    const load = require('opusscript/build/opusscript_native_wasm.js') as () => OpusModule;
    const module = load();
    library = { module, pcm: module._malloc(MAXIMUM_SAMPLES * WORDS_PER_SAMPLE * 2), packet: module._malloc(MAXIMUM_PACKET) };
  }
  return library;
}

/** Rates that libopus takes and gives. */
export const OPUS_RATES: readonly number[] = [8_000, 12_000, 16_000, 24_000, 48_000];

class OpusInstance {
  protected readonly library = opusLibrary();
  private handler: OpusHandler | undefined;

  constructor(rate: number) {
    this.handler = new this.library.module.OpusScriptHandler(rate, 1, APPLICATION_VOIP);
  }

  protected get live(): OpusHandler {
    if (this.handler === undefined) throw new Error('Opus codec used after it was closed');
    return this.handler;
  }

  close(): void {
    if (this.handler !== undefined) this.library.module.OpusScriptHandler.destroy_handler(this.handler);
    this.handler = undefined;
  }
}

/** Mono, variable bit rate, in-band forward error correction for the far decoder. */
export class OpusEncoder extends OpusInstance {
  constructor(rate: number, options: { fec: boolean; bitrate?: number }) {
    super(rate);
    this.live._encoder_ctl(SET_COMPLEXITY, COMPLEXITY);
    this.live._encoder_ctl(SET_BITRATE, Math.min(BITRATE, Math.max(6_000, options.bitrate ?? BITRATE)));
    this.live._encoder_ctl(SET_INBAND_FEC, options.fec ? 1 : 0);
    this.live._encoder_ctl(SET_PACKET_LOSS_PERC, options.fec ? 5 : 0);
  }

  /** `samples` of 10, 20, 40 or 60 ms. */
  encode(samples: Int16Array): Buffer {
    const { module, pcm, packet } = this.library;
    const words = module.HEAPU16;
    for (let i = 0, at = pcm >> 1; i < samples.length; i += 1) {
      words[at++] = (samples[i] as number) & 0xff;
      words[at++] = ((samples[i] as number) >> 8) & 0xff;
    }
    const bytes = this.live._encode(pcm, samples.byteLength, packet, samples.length);
    if (bytes <= 0 || bytes > MAXIMUM_PACKET) throw new Error(`Opus encoder answered ${bytes}`);
    return Buffer.from(module.HEAPU8.subarray(packet, packet + bytes));
  }
}

/** Decodes to mono; libopus mixes stereo packets down itself (RFC 7587 section 3.4). */
export class OpusDecoder extends OpusInstance {
  /** What the last concealment made beyond what was asked for. */
  private spare: Int16Array = new Int16Array(0);

  /** Throws on a packet that is not Opus. */
  decode(payload: Uint8Array): Int16Array {
    this.spare = new Int16Array(0);
    if (payload.length === 0 || payload.length > MAXIMUM_PACKET) throw new RangeError(`Opus packet of ${payload.length} bytes`);
    this.library.module.HEAPU8.set(payload, this.library.packet);
    return this.run(payload.length);
  }

  /** What libopus puts in place of lost sound (RFC 6716 section 4.4); it makes 120 ms at once. */
  conceal(samples: number): Int16Array {
    const concealed = new Int16Array(samples);
    for (let made = 0; made < samples;) {
      if (this.spare.length === 0) this.spare = this.run(0);
      const part = this.spare.subarray(0, samples - made);
      concealed.set(part, made);
      made += part.length;
      this.spare = this.spare.subarray(part.length);
    }
    return concealed;
  }

  private run(bytes: number): Int16Array {
    const { module, pcm, packet } = this.library;
    const count = this.live._decode(bytes === 0 ? 0 : packet, bytes, pcm);
    if (count <= 0) throw new Error(`Opus decoder answered ${count}`);
    const words = module.HEAPU16;
    const samples = new Int16Array(count);
    for (let i = 0, at = pcm >> 1; i < count; i += 1, at += WORDS_PER_SAMPLE) samples[i] = (words[at] as number) | ((words[at + 1] as number) << 8);
    return samples;
  }
}
