import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Child, findProgram, until } from '../../peers/harness';

export interface GnuGkOptions {
  /** A loopback address of its own. */
  address: string;
  identifier: string;
  /** Endpoints that it always has: signalling address, and its aliases. */
  has: Record<string, string>;
  /** The gatekeeper that it exchanges location requests with, and the password that it sends with them. */
  neighbour: { address: string; password: string };
  /** The gatekeeper that it registers with as an endpoint. */
  parent?: { address: string; h323Id: string; password: string; authentication: 'CAT' | 'MD5'; traversal: boolean };
}

/** Why it cannot be run here, undefined when it can. No Debian has it any longer: it is taken from where its user put it. */
export const gnuGkMissing = (): string | undefined => (findProgram('gnugk') === undefined ? 'GnuGk is not on the PATH' : undefined);

/** A running GNU Gatekeeper, the gatekeeper of most H.323 networks without a vendor's. */
export class GnuGk {
  private constructor(private readonly folder: string, private readonly child: Child) {}

  static async start(options: GnuGkOptions): Promise<GnuGk> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-gnugk-'));
    fs.writeFileSync(path.join(folder, 'gnugk.ini'), configuration(options));
    const gnuGk = new GnuGk(folder, new Child(findProgram('gnugk')!, ['-c', 'gnugk.ini', '-ttttt', '-o', 'trace'], { cwd: folder }));
    await until('GnuGk has started', () => /Starting Job GkStatus|started/.test(gnuGk.trace), 20_000);
    return gnuGk;
  }

  get trace(): string {
    const file = path.join(this.folder, 'trace');
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  }

  async stop(): Promise<void> {
    await this.child.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

function configuration({ address, identifier, has, neighbour, parent }: GnuGkOptions): string {
  return [
    '[Gatekeeper::Main]', `Name=${identifier}`, `Home=${address}`, 'StatusPort=17000', 'TimeToLive=60',
    '[RoutedMode]', 'GKRouted=1', 'CallSignalPort=1720', 'AcceptNeighborsCalls=1', 'AcceptUnregisteredCalls=1', 'EnableH46018=1',
    '[RasSrv::Neighbors]', 'other=GnuGK',
    '[Neighbor::other]', `Host=${neighbour.address}`, 'SendPrefixes=*', 'AcceptPrefixes=*', `SendPassword=${neighbour.password}`, `Password=${neighbour.password}`, 'AuthUser=etasilta',
    '[RasSrv::PermanentEndpoints]', ...Object.entries(has).map(([endpoint, aliases]) => `${endpoint}=${aliases}`),
    '[Gatekeeper::Auth]', 'default=allow',
    ...(parent ? ['[Endpoint]', `Gatekeeper=${parent.address}`, 'Type=Gateway', `Authenticators=${parent.authentication}`, `H323ID=${parent.h323Id}`, `Password=${parent.password}`, 'TimeToLive=60', `EnableH46018=${parent.traversal ? 1 : 0}`] : []),
    '',
  ].join('\n');
}
