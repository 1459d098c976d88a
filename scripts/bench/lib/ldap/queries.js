'use strict';
// The searches of a phone book: by e-mail address or SIP address, by the beginning of a name, by a part of it. Made from the
// sample itself, so that both servers find the same.

const ATTRIBUTES = ['cn', 'mail', 'telephoneNumber', 'etasiltaSIPURI'];
const SIZE_LIMIT = 20;
/** Of the mix: equality, prefix, substring. */
const MIX = [0.6, 0.2, 0.2];

function tlv(tag, ...content) {
  const body = Buffer.concat(content.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const length = body.length < 0x80 ? [body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}
const int = (value, tag = 2) => tlv(tag, value < 0x80 ? Buffer.from([value]) : Buffer.from([value >> 8, value & 255]));

const message = (operation, ...controls) => tlv(0x30, int(1), operation, ...(controls.length > 0 ? [tlv(0xa0, ...controls)] : []));
const search = (suffix, filter, sizeLimit, attributes) =>
  tlv(0x63, tlv(4, suffix), int(2, 10), int(0, 10), int(sizeLimit), int(0), tlv(1, Buffer.from([0])), filter, tlv(0x30, ...attributes.map((name) => tlv(4, name))));

const equality = (attribute, value) => tlv(0xa3, tlv(4, attribute), tlv(4, value));
const substring = (attribute, tag, value) => tlv(0xa4, tlv(4, attribute), tlv(0x30, tlv(tag, value)));

const bindRequest = (dn, password) => message(tlv(0x60, int(3), tlv(4, dn), tlv(0x80, password)));

/** A page of all persons; `cookie` of the page before. */
const pageRequest = (suffix, size, cookie) => message(
  search(suffix, equality('objectClass', 'inetOrgPerson'), 0, ATTRIBUTES),
  tlv(0x30, tlv(4, '1.2.840.113556.1.4.319'), tlv(4, tlv(0x30, int(size), tlv(4, cookie)))),
);

/** Encoded requests by kind. @param random numbers from 0 to 1 */
function phoneBookQueries(suffix, persons, services, random, count = 4_000) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const request = (filter) => message(search(suffix, filter, SIZE_LIMIT, ATTRIBUTES));
  const make = {
    equality: () => request(random() < 0.7 ? equality('mail', pick(persons).email) : equality('SIPIdentitySIPURI', `sip:${pick(services).address}`)),
    prefix: () => {
      const { name } = pick(persons);
      return request(substring('cn', 0x80, name.slice(0, 5 + Math.floor(random() * 10))));
    },
    substring: () => {
      const words = pick(persons).name.split(/[ ,]+/).filter((word) => word.length >= 5);
      const word = pick(words);
      const at = Math.floor(random() * (word.length - 4));
      return request(substring('cn', 0x81, word.slice(at, at + 4 + Math.floor(random() * 4))));
    },
  };
  const kinds = Object.keys(make);
  const queries = Object.fromEntries(kinds.map((kind) => [kind, Array.from({ length: count }, make[kind])]));
  queries.mix = Array.from({ length: count }, () => {
    const at = random();
    return make[at < MIX[0] ? 'equality' : at < MIX[0] + MIX[1] ? 'prefix' : 'substring']();
  });
  return queries;
}

module.exports = { bindRequest, pageRequest, phoneBookQueries };
