/** The settings of `h323` in the configuration that the gatekeeper goes by. */
export interface H323Settings {
  address: string;
  advertisedAddress?: string;
  gatekeeperIdentifier: string;
  /** 0: any free one. */
  rasPort: number;
  signallingPort: number;
  h245Ports: { min: number; max: number };
  callModel: 'gatekeeperRouted' | 'direct';
  /** Devices need not ask for each call. */
  preGrantedAdmission: boolean;
  timeToLiveSeconds: number;
  reportSeconds: number;
  maxRegistrations: number;
  /** Addresses and networks, `192.0.2.0/24`. */
  unauthenticated: readonly string[];
  traversal: { enabled: boolean; keepAliveSeconds: number };
  /** kbit/s both ways together. */
  bandwidth: { perCall: number; perSite?: number; sites: Readonly<Record<string, number>> };
  neighbours: readonly NeighbourSettings[];
  alternateGatekeepers: readonly { address: string; gatekeeperIdentifier?: string; needToRegister: boolean; sites: readonly string[] }[];
}

export interface NeighbourSettings {
  name: string;
  /** `192.0.2.1` or `192.0.2.1:1719`. */
  address: string;
  gatekeeperIdentifier?: string;
  prefixes: readonly string[];
  domains: readonly string[];
  password?: string;
  passwordFile?: string;
}
