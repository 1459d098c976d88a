import { EventEmitter } from 'node:events';
import { MediaError, type Codec, type MediaSession, type Party, type Playing, type Recording, type RtpPacket } from '../contracts';
import type { Attachment } from './attachment';
import { addTo, frameSamples, type Frame } from './audio/frame';
import { AudioLine, DEFAULT_WORK_RATE, type LineOwner } from './audio/line';
import { Player } from './audio/player';
import { Recorder } from './audio/recorder';
import { RateAdapter } from './audio/resampler';
import type { PcmSource, SoundLibrary } from './audio/source';
import { TalkDetector } from './audio/talk-detector';
import { dtmfSource } from './audio/tone';
import { CameraLine } from './camera-line';
import { VideoLine } from './video/line';
import { Slide } from './video/slide';

const MAXIMUM_PLAYERS = 16;
const MAXIMUM_RECORDINGS = 8;
const DTMF_MS = 100;
const DTMF_PAUSE_MS = 60;

/** What parties share. */
export interface Workshop {
  readonly sounds: SoundLibrary;
  readonly random: () => number;
  readonly now: () => number;
  /** A fault that cost a frame or a packet, never more. */
  fault(where: string, error: unknown): void;
  left(party: MediaParty): void;
}

export class MediaParty extends EventEmitter implements Party, LineOwner {
  muted = false;
  audio: AudioLine | undefined;
  readonly video = new Map<'main' | 'slides', VideoLine>();
  /** Far-end camera control, between two who are bridged: nobody controls the cameras of a conference. */
  camera: CameraLine | undefined;
  attachment: Attachment | undefined;
  /** What the party said in this tick. */
  said: Frame | undefined;
  private readonly talk = new TalkDetector();
  private readonly players = new Set<Player>();
  private readonly recordings = new Set<Recorder>();
  private readonly adapter = new RateAdapter();
  private workRate = DEFAULT_WORK_RATE;
  private slide: { picture: Slide; player: Player } | undefined;
  private closed = false;

  constructor(readonly session: MediaSession, private readonly workshop: Workshop) {
    super();
    session.on('streams', this.follow);
    this.follow();
  }

  get talking(): boolean {
    return this.talk.talking;
  }

  /** Smoothed, in dB of full scale. */
  get level(): number {
    return this.talk.level;
  }

  get playing(): boolean {
    return this.players.size > 0;
  }

  /** Whether what the party hears is recorded. */
  get recordsWhatItHears(): boolean {
    for (const recording of this.recordings) if (recording.stereo) return true;
    return false;
  }

  get listening(): boolean {
    return this.recordings.size > 0 || this.attachment?.listens(this) === true || this.listenerCount('talking') > 0;
  }

  /**
   * Beside `NAME.wav` a party with video sees `NAME.h264`, if it is there, for as long as nobody else's video is sent to it;
   * a source that ends in `.h264` is shown alone until stopped. Pictures are Annex B intra pictures; who cannot decode them
   * hears only.
   */
  play(source: string, options: { loops?: number } = {}): Playing {
    const { sounds } = this.workshop;
    if (source.endsWith('.h264')) {
      const slide = new Slide();
      return this.show(slide, this.addPlayer(() => slide.open(source, sounds).then(() => sounds.open('silence_stream://-1')), 1));
    }
    const player = this.addPlayer(() => sounds.open(source), options.loops ?? 1);
    const picture = source.endsWith('.wav') && this.video.has('main') ? source.replace(/wav$/, 'h264') : undefined;
    return picture === undefined ? player : this.showBeside(picture, player);
  }

  record(file: string, options: { maxSeconds?: number; stereo?: boolean } = {}): Recording {
    this.refuseWhenClosed();
    if (this.recordings.size >= MAXIMUM_RECORDINGS) throw new MediaError('too_many_recordings', `one party is recorded ${MAXIMUM_RECORDINGS} times at most`, 486, 17);
    const recorder = new Recorder(file, {
      rate: this.audio?.sender.encodingRate ?? DEFAULT_WORK_RATE, channels: options.stereo === true ? 2 : 1,
      ...(options.maxSeconds === undefined ? {} : { maxSeconds: options.maxSeconds }),
    }, () => this.recordings.delete(recorder));
    this.recordings.add(recorder);
    return recorder;
  }

  sendDtmf(digits: string, durationMs = DTMF_MS): void {
    if (this.audio === undefined) return;
    if (this.audio.stream.telephoneEvent !== undefined) this.audio.sender.sendDigits(digits, durationMs);
    else if (this.players.size < MAXIMUM_PLAYERS) this.addPlayer(() => Promise.resolve(dtmfSource(digits, durationMs, DTMF_PAUSE_MS)), 1);
  }

  requestKeyFrame(): void {
    for (const stream of this.session.streams) if (stream.kind === 'video') stream.requestKeyFrame();
  }

  /** Puts the party to a bridge or a conference, or to nothing; where it was before lets it go. */
  attach(attachment: Attachment | undefined): void {
    if (attachment !== undefined) this.refuseWhenClosed();
    const before = this.attachment;
    if (before === attachment) return;
    this.attachment = attachment;
    before?.detach(this);
    for (const line of this.video.values()) line.outlet.select(undefined, this.workshop.now());
    if (this.camera) this.camera.other = undefined;
  }

  /** The rate at which the work with this party is done, for codecs that have several. */
  setWorkRate(rate: number): void {
    this.workRate = rate;
    this.audio?.setRate(rate);
  }

  /** First half of a tick: what does the party say? */
  receive(now: number): void {
    const frame = this.audio?.frame(now);
    this.said = this.muted ? undefined : frame;
    if (this.listening && this.talk.frame(this.said?.samples)) this.emit('talking', this.talk.talking);
  }

  /** Second half of a tick: what does it hear? */
  transmit(now: number): void {
    const heard = this.hear(now);
    for (const recording of this.recordings) recording.frame([this.said, heard]);
    for (const line of this.video.values()) line.tick(now);
    const camera = this.video.get('main');
    if (camera !== undefined) this.slide?.picture.tick(camera, now);
  }

  arrived(packet: RtpPacket, codec: Codec, event: boolean): void {
    this.attachment?.arrived(this, packet, codec, event);
  }

  digit(digit: string, durationMs: number): void {
    this.attachment?.digit(this, digit, durationMs);
    this.emit('dtmf', digit, durationMs);
  }

  readonly fault = (where: string, error: unknown): void => this.workshop.fault(where, error);

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.session.off('streams', this.follow);
    this.attach(undefined);
    for (const player of this.players) player.stop();
    for (const recording of this.recordings) recording.stop();
    this.audio?.close();
    this.audio = undefined;
    for (const line of this.video.values()) line.close();
    this.video.clear();
    this.camera?.close();
    this.workshop.left(this);
  }

  private hear(now: number): Frame | undefined {
    const { audio, attachment } = this;
    const forwarded = attachment?.forwards(this) === true;
    const base = forwarded && !this.recordsWhatItHears ? undefined : attachment?.frame(this);
    if (audio === undefined) {
      this.mixPlayers(undefined, DEFAULT_WORK_RATE);
      return base;
    }
    const { sender } = audio;
    if (forwarded && !sender.sendsEvents) return base;
    const rate = sender.encodingRate;
    const samples = this.mixPlayers(base === undefined ? undefined : this.adapter.convert(base.samples, base.rate, rate), rate);
    if (sender.sendsEvents) sender.sendEvent(now);
    else if (samples !== undefined || attachment !== undefined) sender.frame(samples ?? new Int16Array(frameSamples(rate)), now);
    return samples === undefined ? undefined : { samples, rate };
  }

  /** Adds what is played on top; what is played goes on even while it cannot be heard. */
  private mixPlayers(base: Int16Array | undefined, rate: number): Int16Array | undefined {
    let mixed: Int16Array | undefined;
    for (const player of this.players) {
      const samples = player.frame(rate);
      if (samples === undefined) continue;
      // Neither what others hear too nor a sound kept for the next listener is written to.
      mixed ??= base?.slice() ?? new Int16Array(samples.length);
      addTo(mixed, samples);
    }
    return mixed ?? base;
  }

  private addPlayer(open: () => Promise<PcmSource>, loops: number): Player {
    this.refuseWhenClosed();
    if (this.players.size >= MAXIMUM_PLAYERS) throw new MediaError('too_many_sounds', `one party is played ${MAXIMUM_PLAYERS} sounds at once at most`, 486, 17);
    const player = new Player(open, loops, () => {
      this.players.delete(player);
      if (this.slide?.player === player) this.slide = undefined;
    });
    this.players.add(player);
    return player;
  }

  /** Without its picture the sound is still heard. */
  private showBeside(file: string, player: Player): Player {
    const slide = new Slide();
    slide.open(file, this.workshop.sounds).catch((error: unknown) => {
      if (!(error instanceof MediaError && error.code === 'sound_not_found')) this.workshop.fault('slide', error);
    });
    return this.show(slide, player);
  }

  private show(picture: Slide, player: Player): Player {
    this.slide = { picture, player };
    return player;
  }

  private refuseWhenClosed(): void {
    if (this.closed) throw new MediaError('party_closed', 'the party has gone', 481, 31);
  }

  private readonly follow = (): void => {
    const { streams } = this.session;
    const audio = streams.find(({ kind }) => kind === 'audio');
    if (audio !== this.audio?.stream) {
      this.audio?.close();
      this.audio = audio === undefined ? undefined : new AudioLine(audio, this, this.workRate, this.workshop.random);
    }
    let changed = false;
    for (const content of ['main', 'slides'] as const) {
      const stream = streams.find((candidate) => candidate.kind === 'video' && candidate.content === content);
      const line = this.video.get(content);
      if (stream === line?.stream) continue;
      changed = true;
      line?.close();
      if (stream === undefined) this.video.delete(content);
      else this.video.set(content, new VideoLine(stream, this.workshop.now, this.workshop.random, this.fault));
    }
    const control = streams.find(({ kind }) => kind === 'application');
    if (control !== this.camera?.stream) {
      changed = true;
      this.camera?.close();
      this.camera = control && new CameraLine(control, this.workshop.random, this.fault);
    }
    if (changed) this.attachment?.videoChanged(this);
  };
}
