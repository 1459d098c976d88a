declare module 'drachtio-srf/lib/request' {
  import type { SipRequest } from '../../src/sip/request';
  const Request: new (message: unknown, meta: Record<string, string>) => SipRequest;
  export default Request;
}
