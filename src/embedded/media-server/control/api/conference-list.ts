import type { Conference } from '../conference/conference';
import type { ConferenceMember } from '../conference/member';

/** One line a member, the newest first: `ID;NAME;UUID;CALLER-NAME;CALLER-NUMBER;FLAGS;VOLUME-IN;VOLUME-OUT;ENERGY`. */
export function listMembers(conference: Conference, delimiter: string): string {
  return conference.members.reverse().map((member) => {
    const { id, channel } = member;
    return [id, channel.name, channel.uuid, channel.caller.name, channel.caller.number ?? '', member.flagList(conference.hasFloor(member)), 0, 0, 100].join(delimiter) + '\n';
  }).join('');
}

/** A conference as `json_list` shows it. */
export function describe(conference: Conference): Record<string, unknown> {
  return {
    conference_name: conference.name, member_count: conference.size, ghost_count: conference.members.length - conference.size, rate: 16_000,
    run_time: runTime(conference), conference_uuid: conference.uuid, canvas_count: 0, max_bw_in: 0, force_bw_in: 0, video_floor_packets: 0,
    locked: conference.locked, recording: conference.recorder.files.length > 0, dynamic: true, running: true,
    members: conference.members.reverse().map((member) => describeMember(conference, member)),
  };
}

export const runTime = ({ startedAt }: Conference): number => Math.floor((Date.now() - startedAt) / 1000);

function describeMember(conference: Conference, member: ConferenceMember): Record<string, unknown> {
  const { channel, mixed } = member;
  return {
    type: 'caller', id: member.id, flags: {
      can_hear: !mixed.deaf, can_see: member.hasVideo, can_speak: !mixed.muted, hold: false, mute_detect: false, talking: mixed.talking,
      has_video: member.hasVideo, video_bridge: false, has_floor: conference.hasFloor(member), is_moderator: member.flags.has('moderator'),
      end_conference: member.flags.has('endconf'), is_ghost: member.isGhost, interpreter: mixed.interpreter,
    },
    uuid: channel.uuid, caller_id_name: channel.caller.name, caller_id_number: channel.caller.number ?? '', join_time: 0, last_talking: 0, energy: 100,
    volume_in: 0, volume_out: 0, 'output-volume': 0, 'input-volume': 0,
  };
}
