/** A place whose calls share a line. Bandwidths are in units of 100 bit/s, both ways together (H.225.0 section 7.1). */
export interface Site {
  name: string;
  bandwidth: number;
}

/** What the calls of sites hold, whatever protocol they use. */
export class SiteBandwidth {
  private readonly used = new Map<string, number>();

  /** What the site's line has left; without limit where there is no site. */
  left(site: Site | undefined): number {
    return site ? Math.max(0, site.bandwidth - this.usedBy(site.name)) : Infinity;
  }

  usedBy(site: string): number {
    return this.used.get(site) ?? 0;
  }

  hold(site: Site | undefined, bandwidth: number): void {
    if (site) this.used.set(site.name, this.usedBy(site.name) + bandwidth);
  }

  release(site: Site | undefined, bandwidth: number): void {
    if (!site) return;
    const left = this.usedBy(site.name) - bandwidth;
    if (left > 0) this.used.set(site.name, left);
    else this.used.delete(site.name);
  }
}
