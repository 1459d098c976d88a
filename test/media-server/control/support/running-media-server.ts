import Mrf, { type MediaServer } from 'drachtio-fsmrf';
import { startMediaServer, type LocalMediaServer, type MediaServerOptions } from '../../../../src/embedded/media-server';
import { RunningServer, type Application } from '../../../sip-server/support/running-server';

export const PASSWORD = 'a password of the tests';

/** The embedded media server on free ports, and the unmodified drachtio-fsmrf over the embedded SIP server. */
export class RunningMediaServer {
  private readonly connected: MediaServer[] = [];

  private constructor(readonly media: LocalMediaServer, readonly sip: RunningServer, readonly srf: Application) {}

  static async start(options: Partial<MediaServerOptions> = {}): Promise<RunningMediaServer> {
    const media = await startMediaServer({
      esl: { host: '127.0.0.1', port: 0 }, password: PASSWORD, sip: { host: '127.0.0.1', port: 0 }, rtp: { min: 0, max: 0 }, ...options,
    });
    const sip = await RunningServer.start();
    return new RunningMediaServer(media, sip, await sip.application());
  }

  /** Connects as an application does. */
  async connect(): Promise<MediaServer> {
    const server = await new Mrf(this.srf).connect({ address: '127.0.0.1', port: this.media.eslPort, secret: PASSWORD, listenAddress: '127.0.0.1' });
    this.connected.push(server);
    return server;
  }

  async stop(): Promise<void> {
    for (const server of this.connected) server.disconnect();
    await this.media.close();
    await this.sip.stop();
  }
}
