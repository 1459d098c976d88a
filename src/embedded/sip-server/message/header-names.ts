/** Header field names: canonical spelling, compact forms, and which of them may be comma lists. */

/** RFC 3261 section 20 and the extensions that registered a compact form. */
const COMPACT: Readonly<Record<string, string>> = {
  a: 'Accept-Contact', b: 'Referred-By', c: 'Content-Type', d: 'Request-Disposition', e: 'Content-Encoding', f: 'From',
  i: 'Call-ID', j: 'Reject-Contact', k: 'Supported', l: 'Content-Length', m: 'Contact', n: 'Identity-Info', o: 'Event',
  r: 'Refer-To', s: 'Subject', t: 'To', u: 'Allow-Events', v: 'Via', x: 'Session-Expires', y: 'Identity',
};

/** Headers whose grammar is a comma list of values, each of which may as well stand in a field of its own. */
const LISTS = [
  'Accept', 'Accept-Contact', 'Accept-Encoding', 'Accept-Language', 'Alert-Info', 'Allow', 'Allow-Events', 'Call-Info', 'Contact',
  'Content-Encoding', 'Content-Language', 'Diversion', 'Error-Info', 'Feature-Caps', 'Geolocation', 'History-Info', 'In-Reply-To',
  'P-Asserted-Identity', 'P-Associated-URI', 'P-Preferred-Identity', 'Path', 'Permission-Missing', 'Privacy', 'Proxy-Require', 'Reason',
  'Record-Route', 'Recv-Info', 'Reject-Contact', 'Request-Disposition', 'Require', 'Resource-Priority', 'Route', 'Security-Client',
  'Security-Server', 'Security-Verify', 'Service-Route', 'Supported', 'Unsupported', 'User-to-User', 'Via', 'Warning',
];

const OTHERS = [
  'Accept-Resource-Priority', 'Answer-Mode', 'Authentication-Info', 'Authorization', 'Call-ID', 'CSeq', 'Content-Disposition',
  'Content-ID', 'Content-Length', 'Content-Type', 'Date', 'Event', 'Expires', 'Flow-Timer', 'From', 'Identity', 'Identity-Info', 'Info-Package',
  'Join', 'MIME-Version', 'Max-Breadth', 'Max-Forwards', 'Min-Expires', 'Min-SE', 'Organization', 'P-Access-Network-Info',
  'P-Called-Party-ID', 'P-Charging-Vector', 'Priority', 'Proxy-Authenticate', 'Proxy-Authentication-Info', 'Proxy-Authorization', 'RAck',
  'RSeq', 'Refer-Sub', 'Refer-To', 'Referred-By', 'Remote-Party-ID', 'Replaces', 'Reply-To', 'Retry-After', 'SIP-ETag', 'SIP-If-Match',
  'Server', 'Session-Expires', 'Session-ID', 'Subject', 'Subscription-State', 'Target-Dialog', 'Timestamp', 'To', 'User-Agent',
  'WWW-Authenticate',
];

const LIST_NAMES: ReadonlySet<string> = new Set(LISTS);
/** By the spellings that are usual (canonical, lower case, compact), so that most look-ups need no case conversion. */
const CANONICAL = new Map<string, string>();
for (const name of [...LISTS, ...OTHERS]) {
  CANONICAL.set(name, name);
  CANONICAL.set(name.toLowerCase(), name);
}
for (const [letter, name] of Object.entries(COMPACT)) {
  CANONICAL.set(letter, name);
  CANONICAL.set(letter.toUpperCase(), name);
}

/** "v", "VIA" and "via" are "Via"; undefined for a name that is not known here. */
export function knownName(name: string): string | undefined {
  return CANONICAL.get(name) ?? CANONICAL.get(name.toLowerCase());
}

/** What two spellings of one name have in common. */
export function nameKey(name: string): string {
  return knownName(name) ?? name.toLowerCase();
}

/** Whether the field of that key may hold several values, parted by commas. */
export const isListHeader = (key: string): boolean => LIST_NAMES.has(key);
