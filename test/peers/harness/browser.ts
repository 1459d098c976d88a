import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { findProgram } from './require-program';

/** What WebRTC says that it received and sent (W3C webrtc-stats `inbound-rtp`, `outbound-rtp`), all connections together. */
export interface BrowserMedia {
  audioCodec?: string;
  videoCodec?: string;
  audioBytes: number;
  /** Energy of what was heard, grows while there is sound. */
  audioEnergy: number;
  audioPacketsSent: number;
  videoBytes: number;
  framesDecoded: number;
  framesSent: number;
  frameWidth: number;
  frameHeight: number;
}

const FLAGS = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic', '--autoplay-policy=no-user-gesture-required',
];

/** Debian's Chromium without a screen, with a generated camera picture and microphone beeps, and a profile of its own. */
export class Browser {
  private constructor(private readonly context: BrowserContext, private readonly folder: string) {}

  /** @param flags further command-line arguments */
  static async start(flags: readonly string[] = []): Promise<Browser> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-browser-'));
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: findProgram('chromium'), ignoreDefaultArgs: true, locale: 'fi-FI',
      args: [...FLAGS, `--user-data-dir=${folder}`, '--remote-debugging-pipe', ...flags, 'about:blank'],
    });
    return new Browser(context, folder);
  }

  /** A new page, whose WebRTC connections `media` can read. */
  async page(): Promise<BrowserPage> {
    const page = await this.context.newPage();
    await page.addInitScript(KEEP_CONNECTIONS);
    return new BrowserPage(page);
  }

  async close(): Promise<void> {
    await this.context.close();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

// Runs in the page, before its own scripts.
const KEEP_CONNECTIONS = `{
  const connections = [];
  window.testConnections = connections;
  window.RTCPeerConnection = class extends RTCPeerConnection { constructor(...args) { super(...args); connections.push(this); } };
}`;

export class BrowserPage {
  /** What the page complained of. */
  readonly errors: string[] = [];

  constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => { if (message.type() === 'error') this.errors.push(message.text()); });
  }

  media(): Promise<BrowserMedia> {
    return this.page.evaluate(`(${readStatistics.toString()})()`);
  }

  /** Descriptions of the newest connection, `local` and `remote`. */
  descriptions(): Promise<{ local?: string; remote?: string }> {
    return this.page.evaluate(`(() => { const last = window.testConnections.at(-1); return { local: last?.localDescription?.sdp, remote: last?.remoteDescription?.sdp }; })()`);
  }

  /** Colours of a video element's picture at points given as shares of its width and height: red, green, blue, 0 to 255. */
  colours(selector: string, points: readonly (readonly [number, number])[]): Promise<number[][]> {
    return this.page.evaluate(`(${readColours.toString()})(${JSON.stringify(selector)}, ${JSON.stringify(points)})`);
  }

  close(): Promise<void> {
    return this.page.close();
  }
}

/* The functions below run in the page: what they use is there, not here. */
/* eslint-disable @typescript-eslint/no-explicit-any */

async function readStatistics(): Promise<BrowserMedia> {
  const media: BrowserMedia = { audioBytes: 0, audioEnergy: 0, audioPacketsSent: 0, videoBytes: 0, framesDecoded: 0, framesSent: 0, frameWidth: 0, frameHeight: 0 };
  for (const connection of (globalThis as any).testConnections) {
    const report: Map<string, any> = await connection.getStats();
    for (const entry of report.values()) {
      const codec: string | undefined = report.get(entry.codecId)?.mimeType;
      if (entry.type === 'inbound-rtp' && entry.kind === 'audio') {
        media.audioBytes += entry.bytesReceived;
        media.audioEnergy += entry.totalAudioEnergy ?? 0;
        if (codec) media.audioCodec = codec;
      } else if (entry.type === 'inbound-rtp' && entry.kind === 'video') {
        media.videoBytes += entry.bytesReceived;
        media.framesDecoded += entry.framesDecoded ?? 0;
        media.frameWidth = entry.frameWidth ?? media.frameWidth;
        media.frameHeight = entry.frameHeight ?? media.frameHeight;
        if (codec) media.videoCodec = codec;
      } else if (entry.type === 'outbound-rtp' && entry.kind === 'audio') {
        media.audioPacketsSent += entry.packetsSent;
      } else if (entry.type === 'outbound-rtp' && entry.kind === 'video') {
        media.framesSent += entry.framesSent ?? 0;
      }
    }
  }
  return media;
}

function readColours(selector: string, points: [number, number][]): number[][] {
  const { document } = globalThis as any;
  const video = document.querySelector(selector);
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0);
  return points.map(([x, y]) => [...context.getImageData(Math.floor(x * (canvas.width - 1)), Math.floor(y * (canvas.height - 1)), 1, 1).data].slice(0, 3) as number[]);
}
