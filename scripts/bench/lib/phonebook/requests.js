'use strict';
// What endpoints and clients ask of a phone book, by sort: made from the directory's own words.
const { queriesFor } = require('../directory/queries');

const SECRET = 'phone-book-bench-0001';
const NAMESPACE = 'http://www.tandberg.net/2004/06/PhoneBookSearch/';
const BASE = `/phonebook/${SECRET}/fi`;

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const tms = (path, text, scope) => ({
  method: 'POST', path: `${BASE}/tms`,
  body: '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>'
    + `<Search xmlns="${NAMESPACE}"><Identification><SystemName>EX90</SystemName><MACAddress>00:50:60:00:00:01</MACAddress><ProductType>Cisco Codec</ProductType></Identification>`
    + `<CaseSensitiveSearch>false</CaseSensitiveSearch><SearchPath>${escaped(path)}</SearchPath><SearchString>${escaped(text)}</SearchString><SearchType>Free</SearchType>`
    + `<Scope>${scope}</Scope><MaxResult>50</MaxResult><RangeInclusive>false</RangeInclusive></Search></env:Body></env:Envelope>`,
});
const get = (path) => ({ method: 'GET', path: `${BASE}/${path}` });

/** One text of each list after the other: a country's devices do not all ask the same sort of thing for half a second and then all another. */
const inTurns = (...lists) => lists[0].flatMap((_, i) => lists.flatMap((list) => list[i] ?? []));

/** Lists of requests by sort. */
function requestsFor(sample) {
  const queries = queriesFor(sample);
  const towns = [...sample.organisations].map(({ key }) => key);
  const typed = inTurns(queries['two letters'], queries['common word'], queries['rare: town'], queries['two words']);
  const long = inTurns(queries['common word'], queries['rare: town'], queries['two words'], queries['one person of many']).filter((text) => /[\p{L}\p{N}]{3}/u.test(text));
  return {
    'TMS Search, by text': typed.map((text) => tms('', text, 'SubTree')),
    'TMS Search, a text in a folder': queries['common word'].map((text, i) => tms(`o_${towns[i % towns.length]}`, text, 'SubTree')),
    'TMS Search, a folder': towns.map((key) => tms(`o_${key}`, '', 'SingleLevel')),
    'TMS Search, a subject of the country': [tms('', '', 'SubTree'), tms('c_classes', '', 'SubTree'), tms('k_advice', '', 'SubTree'), tms('c_municipalities', '', 'SubTree')],
    'UDS users': long.map((text) => get(`cucm-uds/users?name=${encodeURIComponent(text)}&max=20`)),
    'JSON search': typed.map((text) => get(`api/search?q=${encodeURIComponent(text)}&limit=20`)),
  };
}

module.exports = { requestsFor, SECRET };
