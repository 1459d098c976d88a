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

const MAXIMUM_PLAYERS = 16;
const MAXIMUM_RECORDINGS = 8;
const DTMF_MS = 100;
const DTMF_PAUSE_MS = 60;

/** What parties share. */
export interface Workshop {
  readonly sounds: SoundLibrary;
  readonly random: () => number;
  /** A fault that cost a frame or a packet, never more. */
  fault(where: string, error: unknown): void;
  left(party: MediaParty): void;
}

export class MediaParty extends EventEmitter implements Party, LineOwner {
  muted = false;
  audio: AudioLine | undefined;
  attachment: Attachment | undefined;
  /** What the party said in this tick. */
  said: Frame | undefined;
  private readonly talk = new TalkDetector();
  private readonly players = new Set<Player>();
  private readonly recordings = new Set<Recorder>();
  private readonly adapter = new RateAdapter();
  private workRate = DEFAULT_WORK_RATE;
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

  play(source: string, options: { loops?: number } = {}): Playing {
    return this.addPlayer(() => this.workshop.sounds.open(source), options.loops ?? 1);
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
    else this.addPlayer(() => Promise.resolve(dtmfSource(digits, durationMs, DTMF_PAUSE_MS)), 1);
  }

  requestKeyFrame(): void {
    for (const stream of this.session.streams) if (stream.kind === 'video') stream.requestKeyFrame();
  }

  /** Puts the party to a bridge or a conference, or to nothing; where it was before lets it go. */
  attach(attachment: Attachment | undefined): void {
    const before = this.attachment;
    if (before === attachment) return;
    this.attachment = attachment;
    before?.detach(this);
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
  }

  arrived(packet: RtpPacket, codec: Codec, event: boolean): void {
    this.attachment?.arrived(this, packet, codec, event);
  }

  digit(digit: string, durationMs: number): void {
    this.attachment?.digit(this, digit, durationMs);
    this.emit('dtmf', digit, durationMs);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.session.off('streams', this.follow);
    this.attach(undefined);
    for (const player of this.players) player.stop();
    for (const recording of this.recordings) recording.stop();
    this.audio?.close();
    this.audio = undefined;
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
    let mixed = base;
    for (const player of this.players) {
      const samples = player.frame(rate);
      if (samples === undefined) continue;
      mixed = mixed === undefined ? samples.slice() : mixed === base ? mixed.slice() : mixed;
      if (base !== undefined || mixed.length !== samples.length || this.players.size > 1) addTo(mixed, samples);
    }
    return mixed;
  }

  private addPlayer(open: () => Promise<PcmSource>, loops: number): Player {
    this.refuseWhenClosed();
    if (this.players.size >= MAXIMUM_PLAYERS) throw new MediaError('too_many_sounds', `one party is played ${MAXIMUM_PLAYERS} sounds at once at most`, 486, 17);
    const player = new Player(open, loops, () => this.players.delete(player));
    this.players.add(player);
    return player;
  }

  private refuseWhenClosed(): void {
    if (this.closed) throw new MediaError('party_closed', 'the party has gone', 481, 31);
  }

  private readonly follow = (): void => {
    const stream = this.session.streams.find(({ kind }) => kind === 'audio');
    if (stream === this.audio?.stream) return;
    this.audio?.close();
    this.audio = stream === undefined ? undefined : new AudioLine(stream, this, this.workRate, this.workshop.random);
  };
}
