import { Baresip, freePorts, type BaresipOptions } from '../peers/harness';
import { addDevices, addService, DOMAIN, PASSWORD, startTestGateway, type TestGateway } from './test-gateway';

/** RTP ports of one test gateway: enough for every call of a suite at once. */
const RTP_PORTS = 200;

/** FreeSWITCH has one picture a party: slides beside it are refused there. */
export const CARRIES_SLIDES = process.env.ETASILTA_TEST_FREESWITCH === undefined;

/**
 * Settings of a gateway whose calls are bridged by a media server: the embedded one, or with `ETASILTA_TEST_FREESWITCH`
 * (`host:port:password` of its event socket) a real FreeSWITCH, and with `ETASILTA_TEST_DRACHTIO` (`host:port:secret`) a real
 * drachtio-server.
 */
export async function anchoredSettings(): Promise<Record<string, string>> {
  const settings: Record<string, string> = { ETASILTA_CALLS_MEDIA: 'anchored', ETASILTA_CALLS_LINES_PER_DEVICE: '4' };
  const [host, port, password = 'ClueCon'] = process.env.ETASILTA_TEST_FREESWITCH?.split(':') ?? [];
  if (host === undefined) {
    const first = await freePorts(RTP_PORTS);
    Object.assign(settings, { ETASILTA_MEDIA_RTP_PORTS_MIN: String(first), ETASILTA_MEDIA_RTP_PORTS_MAX: String(first + RTP_PORTS - 1) });
  } else {
    Object.assign(settings, { ETASILTA_MEDIA_ENGINE: 'freeswitch', ETASILTA_MEDIA_SERVERS: JSON.stringify([{ host, port: Number(port), password }]) });
  }
  const [sipHost, sipPort, secret = 'cymru'] = process.env.ETASILTA_TEST_DRACHTIO?.split(':') ?? [];
  if (sipHost !== undefined) {
    Object.assign(settings, { ETASILTA_SIP_ENGINE: 'drachtio', ETASILTA_SIP_DRACHTIO_HOST: sipHost, ETASILTA_SIP_DRACHTIO_PORT: String(sipPort), ETASILTA_SIP_DRACHTIO_SECRET: secret });
  }
  return settings;
}

/** A gateway that anchors media, and the baresips that call over it. */
export class AnchoredGateway {
  private readonly phones: Baresip[] = [];

  private constructor(readonly gateway: TestGateway, readonly settings: Record<string, string>) {}

  static async start(env: Record<string, string> = {}): Promise<AnchoredGateway> {
    const settings = { ...await anchoredSettings(), ...env };
    return new AnchoredGateway(await startTestGateway(settings), settings);
  }

  /** Writes devices, and a service `NAME.fi` for each that is named, which that device answers; returns the service's address. */
  async device(address: string, serviceName?: string, more: Parameters<typeof addService>[4] = {}): Promise<string> {
    await addDevices(this.gateway.directory, [{ address }]);
    const service = `${serviceName}.fi@${DOMAIN}`;
    if (serviceName !== undefined) await addService(this.gateway.directory, service, [address], {}, more);
    return service;
  }

  /** A baresip that is registered as a device. */
  async phone(address: string, options: Partial<BaresipOptions> & { toneHz: number }): Promise<Baresip> {
    const [user = '', domain] = address.split('@');
    const phone = await Baresip.start({ user, domain, password: PASSWORD, registrar: this.gateway.address(options.transport ?? 'udp'), ...options });
    this.phones.push(phone);
    const answer = await phone.registration();
    if (answer !== '200 OK') throw new Error(`${address} cannot register: ${answer}`);
    return phone;
  }

  /** Ends the phones; the gateway stays. */
  async closePhones(): Promise<void> {
    for (const phone of this.phones.splice(0)) await phone.close();
  }

  async stop(): Promise<void> {
    await this.closePhones();
    await this.gateway.stop();
  }
}

/** Lets a call go on: what is heard is judged from recordings, which need some length. */
export const talk = (seconds = 2): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
