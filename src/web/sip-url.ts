import { EtasiltaError } from '../errors';

/**
 * Where browsers reach the SIP server: from its own contacts (`wss/192.0.2.1:8443`), encrypted when the page is, because browsers
 * let an encrypted page open nothing else. Throws `web-sip-url`.
 */
export function webSocketUrl(contacts: readonly string[], secure: boolean): string {
  for (const transport of secure ? ['wss'] : ['ws', 'wss']) {
    const address = contacts.find((contact) => contact.startsWith(`${transport}/`))?.slice(transport.length + 1);
    if (address !== undefined && !/^(0\.0\.0\.0|\[::\]):/.test(address)) return `${transport}://${address}`;
  }
  throw new EtasiltaError('web-sip-url', `The page cannot tell browsers where to call: the SIP server listens on ${contacts.join(', ') || 'nothing'}.`, {
    hint: `Add a listener with transport=${secure ? 'wss' : 'ws or wss'} to sip.listen, or set web.sipUrl to its address as browsers see it.`,
  });
}
