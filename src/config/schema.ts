/** The effective configuration of one process. */
export interface Config {
  /** Where the databases, certificates and the control socket live. */
  dataDir: string;
  /** Domain that bare names get and that names this system, lower case. */
  domain: string;
  /** Folder of dial-plan files (YAML). */
  dialplans: string;
}
