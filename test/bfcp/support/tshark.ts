import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PRIMITIVES, REQUEST_STATUSES, type BfcpMessage, type FloorRequestInformation, type RequestStatus, type UserInformation } from '../../../src/bfcp';
import { writePcap } from '../../h323/support/pcap';

const LIMIT_MS = 180_000;
/** Fields of the attributes' frames, which the contents show well enough. */
const NOT_COMPARED = ['attribute_type', 'attribute_types_m_bit', 'attribute_length', 'padding', 'payload', 'payload_length', 'error_specific_details'];

/** What differs between messages on the wire and what tshark reads there; empty when nothing does. */
export function differences(messages: readonly { octets: Buffer; message: BfcpMessage }[]): string[] {
  const shown = dissect(messages.map(({ octets }) => octets));
  return messages.flatMap(({ octets, message }, i) => {
    const expected = expectedFields(message).join(' ');
    const fields = shown[i]!.join(' ');
    return fields === expected ? [] : [`${octets.toString('hex')}: ${expected} expected, ${fields} shown`];
  });
}

function dissect(messages: readonly Buffer[]): string[][] {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-tshark-'));
  try {
    const file = path.join(folder, 'packets.pcap');
    // tshark 4.0 takes only version 1 for BFCP; apart from the number, version 2 is the same to it.
    const asVersion1 = messages.map((octets) => { const copy = Buffer.from(octets); copy[0] = (copy[0]! & 0x1f) | 0x20; return copy; });
    fs.writeFileSync(file, writePcap(asVersion1.map((payload) => ({ transport: 'udp', sourcePort: 40_000, destinationPort: 40_002, payload }))));
    const { status, stdout, stderr } = spawnSync('tshark', ['-r', file, '--enable-heuristic', 'bfcp_udp', '-T', 'pdml'], { encoding: 'utf8', timeout: LIMIT_MS, maxBuffer: 1 << 30 });
    if (status !== 0) throw new Error(`tshark: ${stderr}`);
    return stdout.split('<packet>').slice(1).map((packet) =>
      [...packet.matchAll(/<field name="bfcp\.([^"]*)"[^>]*? show="([^"]*)"/g)].filter(([, name]) => !NOT_COMPARED.includes(name!)).map(([, name, show]) => `${name}=${show}`));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Header and attributes under tshark's names. */
function expectedFields(message: BfcpMessage): string[] {
  const { responder, conferenceId, transactionId, userId, primitive } = message;
  return [
    'ver=1', `hdr_r_bit=${responder ? 1 : 0}`, 'hdr_f_bit=0', `primitive=${PRIMITIVES[primitive]}`, `conference_id=${conferenceId}`, `transaction_id=${transactionId}`, `user_id=${userId}`,
    ...attributes(message),
  ];
}

function attributes(message: BfcpMessage): string[] {
  switch (message.primitive) {
    case 'FloorRequest':
      return [...message.floorIds.map(floor), ...has('beneficiary_id', message.beneficiaryId), ...has('part_prov_info_text', message.participantProvidedInfo), ...has('priority', message.priority)];
    case 'FloorRelease': case 'FloorRequestQuery': return [`floorrequest_id=${message.floorRequestId}`];
    case 'FloorRequestStatus': case 'ChairAction': return information(message.floorRequest);
    case 'UserQuery': return has('beneficiary_id', message.beneficiaryId);
    case 'UserStatus': return [...(message.beneficiary ? user('beneficiary_id', message.beneficiary) : []), ...message.floorRequests.flatMap(information)];
    case 'FloorQuery': return message.floorIds.map(floor);
    case 'FloorStatus': return [...message.floorIds.map(floor), ...message.floorRequests.flatMap(information)];
    case 'HelloAck': return [...message.supportedPrimitives.map((each) => `supp_primitive=${each}`), ...message.supportedAttributes.map((each) => `supp_attr=${each}`)];
    case 'Error': return [`error_code=${message.error.code}`, ...has('error_info_text', message.info)];
    default: return [];
  }
}

const floor = (floorId: number): string => `floor_id=${floorId}`;
const has = (name: string, value: unknown): string[] => (value === undefined ? [] : [`${name}=${asAscii(String(value))}`]);
/** tshark takes texts for ASCII. */
const asAscii = (text: string): string => Buffer.from(text).toString('latin1').replace(/[\x80-\xff]/g, '\ufffd');
const user = (name: string, { userId, displayName, uri }: UserInformation): string[] => [`${name}=${userId}`, ...has('user_disp_name', displayName), ...has('user_uri', uri)];
const status = ({ requestStatus, statusInfo }: { requestStatus?: RequestStatus; statusInfo?: string }): string[] =>
  [...(requestStatus ? [`request_status=${REQUEST_STATUSES[requestStatus.status]}`, `queue_pos=${requestStatus.queuePosition}`] : []), ...has('status_info_text', statusInfo)];

function information({ floorRequestId, overallStatus, floors, beneficiary, requestedBy, priority, participantProvidedInfo }: FloorRequestInformation): string[] {
  return [
    `floorrequest_id=${floorRequestId}`, ...(overallStatus ? [`floorrequest_id=${overallStatus.floorRequestId}`, ...status(overallStatus)] : []),
    ...floors.flatMap((each) => [floor(each.floorId), ...status(each)]),
    ...(beneficiary ? user('beneficiary_id', beneficiary) : []), ...(requestedBy ? user('req_by_i', requestedBy) : []),
    ...has('priority', priority), ...has('part_prov_info_text', participantProvidedInfo),
  ];
}
