import type { Directory } from '../../directory';
import type { Gatekeeper, Site } from '../ras';
import { unitsOf, type EndpointSettings } from './endpoints';

interface Held {
  site: Site;
  bandwidth: number;
}

/** One H.323 leg of a call, whose rate is to be admitted. */
export interface RatedLeg {
  callIdentifier: Buffer;
  /** Address of the H.323 device. */
  device: string;
  /** Address of the party at the other end; undefined: not known. */
  partner: string | undefined;
}

/** The part of an H.323 device in a call that begins. */
export interface BegunLeg {
  callIdentifier: Buffer;
  conferenceID: Buffer;
  /** Address of the H.323 device. */
  device: string;
  /** It was called. */
  answered: boolean;
}

/**
 * Admission by site of what calls take while they run. H.323 devices ask the gatekeeper by themselves (ARQ); when the rate of their call
 * changes, the gatekeeper asks them to keep to the new one (BRQ, H.225.0 section 7.12). For devices that ask nobody, those of SIP and those
 * whose admission was granted beforehand, the gateway asks; they share the lines of the sites with the others. Calls of the latter are
 * admissions from the moment that their signalling is here until it ends.
 */
export class CallBandwidth {
  /** The parts of calls that hold bandwidth, by call and device; the gateway's calls are bounded. */
  private readonly held = new Map<string, Held>();
  /** Legs whose rate was told before. */
  private readonly known = new Set<string>();

  constructor(
    private readonly directory: Directory, private readonly settings: EndpointSettings['bandwidth'],
    private readonly gatekeeper: Pick<Gatekeeper, 'admissions' | 'bandwidth' | 'registrations' | 'changeBandwidth'>,
    private readonly preGranted: boolean,
  ) {}

  /** Counts the call of a device that was not asked for, where devices need not ask. */
  begin({ callIdentifier, conferenceID, device, answered }: BegunLeg): void {
    const { admissions, registrations } = this.gatekeeper;
    const [registration] = this.preGranted ? registrations.named(device) : [];
    // The gatekeeper knows no call reference of one that it was not asked for; devices know it by its identifier.
    if (registration && admissions.ofCall(callIdentifier).length === 0) admissions.begin({ callIdentifier, conferenceID, callReferenceValue: 0, answered }, registration);
  }

  /**
   * Admits the rate of a leg, at both its ends; again for the same leg: changes it.
   * @param kilobits wanted, kbit/s both ways together
   * @returns kbit/s that the leg gets, 0 when a site has none left
   */
  async settle({ callIdentifier, device, partner }: RatedLeg, kilobits: number): Promise<number> {
    const call = callIdentifier.toString('hex');
    const own = await this.settleOwn(callIdentifier, device, kilobits);
    this.known.add(call);
    return own === 0 || partner === undefined || this.asksItself(partner) ? own : this.admit(call, partner, own);
  }

  /** Gives back what a leg holds. */
  release({ callIdentifier, device, partner }: RatedLeg): void {
    const call = callIdentifier.toString('hex');
    this.known.delete(call);
    for (const party of [device, partner]) this.giveBack(`${call} ${party}`);
    if (!this.preGranted) return;
    const { admissions } = this.gatekeeper;
    for (const admitted of admissions.ofCall(callIdentifier)) if (admitted.preGranted) admissions.end(admitted);
  }

  /** What the device was admitted with is kept until the rate changes. */
  private async settleOwn(callIdentifier: Buffer, device: string, kilobits: number): Promise<number> {
    const { admissions, bandwidth } = this.gatekeeper;
    const [admitted] = admissions.ofCall(callIdentifier);
    const call = callIdentifier.toString('hex');
    if (!admitted) return this.admit(call, device, kilobits);
    if (!admitted.preGranted && !this.known.has(call)) return kilobits;
    const most = Math.min(unitsOf(this.settings.perCall), admitted.bandWidth + bandwidth.left(admitted.site));
    const wanted = Math.min(unitsOf(kilobits), most);
    // Who did not ask has no rate that could be changed; the call's media are limited to it.
    if (admitted.preGranted) admissions.changed(admitted, wanted);
    else if (wanted !== admitted.bandWidth) await this.gatekeeper.changeBandwidth(admitted, wanted);
    return wanted / unitsOf(1);
  }

  private asksItself(device: string): boolean {
    const { registrations, admissions } = this.gatekeeper;
    const own = new Set(registrations.named(device).map(({ endpointIdentifier }) => endpointIdentifier));
    return own.size > 0 && [...admissions].some(({ endpointIdentifier }) => own.has(endpointIdentifier));
  }

  private async admit(call: string, device: string, kilobits: number): Promise<number> {
    const view = await this.directory.view();
    const key = `${call} ${device}`;
    this.giveBack(key);
    const most = Math.min(kilobits, this.settings.perCall);
    const name = view.device(device)?.site;
    const limit = name === undefined ? undefined : this.settings.sites[name] ?? this.settings.perSite;
    if (name === undefined || limit === undefined) return most;
    const site = { name, bandwidth: unitsOf(limit) };
    const lines = this.gatekeeper.bandwidth;
    const bandwidth = Math.min(unitsOf(most), lines.left(site));
    if (bandwidth <= 0) return 0;
    lines.hold(site, bandwidth);
    this.held.set(key, { site, bandwidth });
    return bandwidth / unitsOf(1);
  }

  private giveBack(key: string): void {
    const held = this.held.get(key);
    if (held && this.held.delete(key)) this.gatekeeper.bandwidth.release(held.site, held.bandwidth);
  }
}
