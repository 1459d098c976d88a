import ldap from 'ldapjs';

export interface FoundEntry {
  dn: string;
  attributes: Record<string, string[]>;
}

export interface Found {
  /** Result code; 0: success. */
  code: number;
  entries: FoundEntry[];
}

/** A session by the ldapjs client. */
export class LdapClient {
  private constructor(private readonly client: ldap.Client) {}

  static async connect(url: string, dn: string, password: string): Promise<LdapClient> {
    const client = ldap.createClient({ url, timeout: 20_000, connectTimeout: 5_000 });
    client.on('error', () => undefined);
    await new Promise<void>((resolve, reject) => client.bind(dn, password, (error) => (error ? reject(error) : resolve())));
    return new LdapClient(client);
  }

  search(base: string, options: ldap.SearchOptions): Promise<Found> {
    return new Promise((resolve, reject) => {
      const entries: FoundEntry[] = [];
      this.client.search(base, options, (error, response) => {
        if (error) return reject(error);
        response.on('searchEntry', ({ pojo }) => {
          const { objectName, attributes } = pojo as unknown as { objectName: string; attributes: { type: string; values: string[] }[] };
          entries.push({ dn: objectName, attributes: Object.fromEntries(attributes.map(({ type, values }) => [type, [...values].sort()])) });
        });
        response.on('error', (failure: Error & { code?: number }) => (typeof failure.code === 'number' ? resolve({ code: failure.code, entries }) : reject(failure)));
        response.on('end', (result) => resolve({ code: result?.status ?? 0, entries }));
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.client.unbind(() => resolve());
    });
  }
}
