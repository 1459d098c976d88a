/** Parts of drachtio-srf that its own declarations leave out. */
declare module 'drachtio-srf/lib/sip-parser/parser' {
  /** What messages are made of. */
  export interface SrfMessageParts {
    version?: string;
    status?: number;
    reason?: string;
    method?: string;
    uri?: string;
    headers: Record<string, string>;
    body: string | undefined;
    payload: { type: string | null | undefined; content: string | undefined }[];
  }
  const parser: {
    parseSipMessage(raw: string, lazy?: boolean): SrfMessageParts | undefined;
    getHeaderName(name: string): string;
  };
  export default parser;
}
declare module 'drachtio-srf/lib/sip-parser/message' {
  export interface SrfMessage {
    headers: Record<string, string>;
    getHeaderName(name: string): string | undefined;
    get(name: string): string | undefined;
    has(name: string): boolean;
    set(name: string | Record<string, string>, value?: string): SrfMessage;
  }
  const SipMessage: { new (raw: string): SrfMessage; readonly prototype: SrfMessage };
  export default SipMessage;
}
