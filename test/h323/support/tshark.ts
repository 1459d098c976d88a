import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Form, Schema } from '../../../src/h323/per';
import { writePcap, type Packet } from './pcap';

const LIMIT_MS = 180_000;

/** What tshark saw in one packet: its fields of H.323 in order, as `name` or `name=value`, and whether it found anything malformed. */
export interface Dissection {
  fields: string[];
  malformed: boolean;
}

/** Runs the packets through tshark. `protocols`: whose fields are wanted, as its names of them begin. */
export function dissect(packets: readonly Packet[], protocols = 'h225|h235|h245'): Dissection[] {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-tshark-'));
  try {
    const file = path.join(folder, 'packets.pcap');
    fs.writeFileSync(file, writePcap(packets));
    const { status, stdout, stderr } = spawnSync('tshark', ['-r', file, '-T', 'pdml'], { encoding: 'utf8', timeout: LIMIT_MS, maxBuffer: 1 << 30 });
    if (status !== 0) throw new Error(`tshark: ${stderr}`);
    return stdout.split('<packet>').slice(1).map((packet) => ({ fields: fieldsOf(packet, protocols), malformed: packet.includes('name="_ws.malformed"') }));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Names by which the dissectors call fields that they show in a way of their own. */
const OWN_NAMES: Record<string, string> = {
  ipV4: 'ip', ipV6: 'ip', src_route_ipV4: 'ip', h245Ip: 'ip', h245Ip6: 'ip', h245Ipv4: 'ip', ipV4_port: 'port', ipV6_port: 'port', ipV4_src_port: 'port', ipx_port: 'port',
  h245IpPort: 'port', h245Ip6port: 'port', h245Ipv4port: 'port', h245Ipv4src_port: 'port', h245IpxPort: 'port', extAliasAddress: 'address', releaseCompleteReason: 'reason', nonStandardData: 'nonStandard', standardOid: 'standard', multiplexCapabilityBool: 'multiplexCapability',
  displayName_language: 'language', mIPAddress: 'iPAddress', din_networkAddress: 'networkAddress',
};

/** Fields that are not compared: a call's identifier is shown again at the end, and bit strings are sometimes left out. */
const NOT_COMPARED = [
  'guid', 'hash', 'signature', 'halfkey', 'modSize', 'generator', 'x', 'y', 'modulus', 'weierstrassA', 'weierstrassB', 'fieldSize', 'bits', 'icv', 'set', 'secureChannel', 'escrowValue',
];
/** Shown as dates. */
const DATES = ['timeStamp', 'alertingTime', 'connectTime', 'endTime'];

/** Elements of lists are named by their type there, with a capital; the rest are dissectors' own remarks. */
const isField = (name: string): boolean => /^[a-z]/.test(name) && !/_item$|^(debug|ras)\.|^pdu_type$/.test(name) && !NOT_COMPARED.includes(name);

function fieldsOf(packet: string, protocols: string): string[] {
  return [...packet.matchAll(new RegExp(`<field name="(?:${protocols})\\.([^"]*)"[^>]*? show="([^"]*)"`, 'g'))]
    .map(([, name, show]) => [name!.replace(/_element$/, '').replace(/^(subMessageIdentifier)\.standard$/, '$1').replace(/^\w+[._](network|tsapIdentifier)$/, '$1'), show!] as const)
    .filter(([name]) => isField(name))
    .map(([name, show]) => `${OWN_NAMES[name] ?? name}=${show}`);
}

/** What tshark should show of a value: every component and alternative in order, with its value where both write it alike. */
export function expectedFields<T>(schema: Schema<T>, value: T): string[] {
  return inside(schema.form, value);
}

function inside(form: Form, value: unknown): string[] {
  switch (form.kind) {
    case 'SEQUENCE': case 'SET': {
      const fields = value as Record<string, unknown>;
      return [...form.root, ...(form.additions ?? []).flatMap((addition) => ('group' in addition ? addition.group : [addition]))]
        .flatMap(({ name, schema }) => (fields[name] === undefined ? [] : named(name, schema.form, fields[name])));
    }
    case 'CHOICE': {
      const [name, content] = Object.entries(value as object)[0] as [string, unknown];
      return named(name, [...form.root, ...(form.additions ?? [])].find((known) => known.name === name)!.schema.form, content);
    }
    case 'SEQUENCE OF': case 'SET OF': return (value as unknown[]).flatMap((element) => inside(form.of.form, element));
    case 'reference': return inside(form.target().form, value);
    case 'open type': return form.containing ? inside(form.containing.form, value) : [];
    default: return [];
  }
}

function named(name: string, form: Form, value: unknown): string[] {
  if (NOT_COMPARED.includes(name)) return [];
  return [`${OWN_NAMES[name.replaceAll('-', '_')] ?? name.replaceAll('-', '_')}=${DATES.includes(name) ? '*' : scalar(form, value)}`, ...inside(form, value)];
}

function scalar(form: Form, value: unknown): string {
  switch (form.kind) {
    case 'BOOLEAN': return value ? '1' : '0';
    // Negative numbers of fields that are declared unsigned are shown as their complement.
    case 'INTEGER': return String(form.min !== undefined ? Number(value) >>> 0 : value);
    case 'OBJECT IDENTIFIER': return value as string;
    case 'reference': return scalar(form.target().form, value);
    case 'SEQUENCE OF': case 'SET OF': return String((value as unknown[]).length);
    default: return '*';
  }
}

/** The first difference between what was expected and what tshark showed, undefined where there is none. */
export function firstDifference(expected: readonly string[], shown: readonly string[]): string | undefined {
  for (let i = 0; i < Math.max(expected.length, shown.length); i++) {
    const [ours, theirs] = [expected[i], shown[i]];
    const [name, scalarValue] = ours?.split('=') ?? [];
    const [theirName, theirValue] = theirs?.split('=') ?? [];
    if (name !== theirName || (scalarValue !== '*' && scalarValue !== theirValue)) return `field ${i}: ${ours} expected, ${theirs} shown`;
  }
  return undefined;
}
