import type { ListenPoint, Protocol } from './contact';
import type { LocalPoint } from './flow';
import type { FacingAddresses } from './local-address';

/** A socket that is bound, and how peers know it. */
export class BoundPoint implements LocalPoint {
  readonly protocol: Protocol;

  constructor(private readonly listen: ListenPoint, readonly boundHost: string, readonly port: number, private readonly facing: FacingAddresses) {
    this.protocol = listen.protocol;
  }

  hostTowards(remoteAddress: string): string {
    if (this.listen.externalHost !== undefined) return this.listen.externalHost;
    return this.boundHost === '0.0.0.0' || this.boundHost === '::' ? this.facing.towards(remoteAddress) : this.boundHost;
  }
}
