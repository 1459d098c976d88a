import { BlockList, isIPv6 } from 'node:net';
import type { Device, Directory, DirectoryView } from '../../directory';
import { aliasKey, aliasText, type EndpointDirectory, type HostPort, type KnownEndpoint, type Registration } from '../ras';
import type { h225 } from '../schemas';
import type { DevicePasswords } from './passwords';
import type { H323Settings } from './settings';

export type EndpointSettings = Pick<H323Settings, 'unauthenticated' | 'bandwidth'>;

/** H.225.0 counts in 100 bit/s. */
export const unitsOf = (kilobits: number): number => kilobits * 10;

/** The directory's devices as the gatekeeper knows endpoints: by H.323 ID, number or address; with password and site. */
export class DirectoryEndpoints implements EndpointDirectory {
  private readonly open = new BlockList();

  /** @param assigned the gatekeepers that the devices of some sites belong to */
  constructor(
    private readonly directory: Directory, private readonly passwords: DevicePasswords, private readonly settings: EndpointSettings,
    private readonly assigned: ReadonlyMap<string, h225.AlternateGK>,
  ) {
    for (const network of settings.unauthenticated) {
      const [address = '', bits] = network.split('/');
      this.open.addSubnet(address, Number(bits ?? (isIPv6(address) ? 128 : 32)), isIPv6(address) ? 'ipv6' : 'ipv4');
    }
  }

  async endpoint(aliases: readonly h225.AliasAddress[], source: HostPort): Promise<KnownEndpoint | undefined> {
    const view = await this.directory.view();
    const device = deviceOf(view, aliases);
    return device && this.known(view, device, await this.passwords.of(device.address), source);
  }

  /** Those of the registrations that the directory allows, with what it knows of them now; it is read once for all. */
  async allowed(registrations: readonly Registration[]): Promise<Map<Registration, KnownEndpoint>> {
    const view = await this.directory.view();
    const passwords = await this.passwords.all();
    const allowed = new Map<Registration, KnownEndpoint>();
    for (const registration of registrations) {
      const device = view.device(registration.name);
      const known = device?.enabled ? this.known(view, device, passwords.get(device.address), registration.source) : undefined;
      const own = new Set(known?.aliases.map(aliasKey));
      if (known && !known.locked && registration.aliases.every((alias) => own.has(aliasKey(alias)))) allowed.set(registration, known);
    }
    return allowed;
  }

  private known(view: DirectoryView, device: Device, password: string | undefined, source: HostPort): KnownEndpoint {
    const { bandwidth: { sites, perSite } } = this.settings;
    const site = view.site(device.site)?.key;
    const bandwidth = site === undefined ? undefined : sites[site] ?? perSite;
    const assignedGatekeeper = this.assigned.get(device.site);
    return {
      name: device.address, aliases: aliasesOf(device), ...(password === undefined ? { locked: !this.mayComeWithout(source.host) } : { password }),
      ...(site !== undefined && bandwidth !== undefined && { site: { name: site, bandwidth: unitsOf(bandwidth) } }), ...(assignedGatekeeper && { assignedGatekeeper }),
    };
  }

  private mayComeWithout(host: string): boolean {
    return this.open.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
  }
}

/** Everything by which a device may be called in H.323, its own name first. */
export function aliasesOf({ address, h323Id, e164 }: Device): h225.AliasAddress[] {
  return [
    { 'h323-ID': h323Id ?? address }, ...(e164 === undefined ? [] : [{ dialledDigits: e164 }]), ...(h323Id === undefined ? [] : [{ 'h323-ID': address }]),
    { 'url-ID': `h323:${address}` }, { 'url-ID': address }, { 'email-ID': address },
  ];
}

/** The device in use whose the first of the aliases is that any device has. */
export function deviceOf(view: DirectoryView, aliases: readonly h225.AliasAddress[]): Device | undefined {
  for (const alias of aliases) {
    const device = deviceWith(view, alias);
    if (device) return device.enabled ? device : undefined;
  }
  return undefined;
}

function deviceWith(view: DirectoryView, alias: h225.AliasAddress): Device | undefined {
  const text = aliasText(alias);
  if (text === undefined || 'transportID' in alias) return undefined;
  if ('dialledDigits' in alias || 'partyNumber' in alias) {
    const digits = text.replace(/^\+/, '');
    return view.findByNumber(digits).flatMap((entry) => (entry.kind === 'device' && entry.device.e164 === digits ? [entry.device] : []))[0];
  }
  return view.findByH323Id(text) ?? view.device(text.replace(/^h323:/i, '').toLowerCase());
}
