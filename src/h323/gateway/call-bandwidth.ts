import type { Directory } from '../../directory';
import type { Site, SiteBandwidth } from '../ras';
import { unitsOf, type EndpointSettings } from './endpoints';

interface Held {
  site: Site;
  bandwidth: number;
}

/** Admission by site of calls whose devices do not ask a gatekeeper for it; they share the lines of the sites with those that do. */
export class CallBandwidth {
  /** The parts of calls that hold bandwidth, by call and device; the gateway's calls are bounded. */
  private readonly held = new Map<string, Held>();

  constructor(private readonly directory: Directory, private readonly settings: EndpointSettings['bandwidth'], private readonly lines: SiteBandwidth) {}

  /**
   * Takes bandwidth of a device's site for a call; again for the same call and device: changes it.
   * @param kilobits wanted, kbit/s both ways together
   * @returns kbit/s that the call gets, 0 when the site has none left
   */
  async admit(call: string, device: string, kilobits: number): Promise<number> {
    const view = await this.directory.view();
    const key = `${call} ${device}`;
    this.giveBack(key);
    const most = Math.min(kilobits, this.settings.perCall);
    const name = view.device(device)?.site;
    const limit = name === undefined ? undefined : this.settings.sites[name] ?? this.settings.perSite;
    if (name === undefined || limit === undefined) return most;
    const site = { name, bandwidth: unitsOf(limit) };
    const bandwidth = Math.min(unitsOf(most), this.lines.left(site));
    if (bandwidth <= 0) return 0;
    this.lines.hold(site, bandwidth);
    this.held.set(key, { site, bandwidth });
    return bandwidth / unitsOf(1);
  }

  /** Gives back what a call holds at a device. */
  release(call: string, device: string): void {
    this.giveBack(`${call} ${device}`);
  }

  private giveBack(key: string): void {
    const held = this.held.get(key);
    if (held && this.held.delete(key)) this.lines.release(held.site, held.bandwidth);
  }
}
