import { alternative, chosen } from '../per';
import type { h245 } from '../schemas';
import { H239_VIDEO } from './identifiers';

/**
 * What H.323 and SDP carry side by side: sound, the main picture, the content of H.239 (RFC 4796 `a=content:slides`), and
 * far-end camera control (H.281 in H.224, RFC 4573).
 */
export type Medium = 'audio' | 'video' | 'content' | 'camera';

export const MEDIA: readonly Medium[] = ['audio', 'video', 'content', 'camera'];

/** H.245 sessions by medium; the master numbers the session of content, the slave asks with 0 (H.239, H.245 section B.3). */
export const SESSION_ID: Readonly<Record<Medium, number>> = { audio: 1, video: 2, content: 0, camera: 3 };

/** What an encrypted channel carries (H.235.6), or the data type itself. */
export function clearDataType(dataType: h245.DataType): h245.DataType {
  const media = alternative(dataType, 'h235Media')?.mediaType;
  if (media === undefined) return dataType;
  if ('videoData' in media || 'audioData' in media || 'data' in media || 'nonStandard' in media) return media;
  return { nullData: null };
}

/** The medium of a data type; undefined for what has none here. */
export function mediumOf(dataType: h245.DataType): Medium | undefined {
  const clear = clearDataType(dataType);
  switch (chosen(clear)) {
    case 'audioData': return 'audio';
    case 'videoData': return contentOf(alternative(clear, 'videoData')!) ? 'content' : 'video';
    case 'data': return 'camera';
    default: return undefined;
  }
}

/** The kinds of video that H.239 content may be, undefined when it is not that: presentation is bit 1 of the role label (H.239). */
export function contentOf(video: h245.VideoCapability): h245.VideoCapability[] | undefined {
  const extended = alternative(video, 'extendedVideoCapability');
  const isContent = extended?.videoCapabilityExtension?.some(({ capabilityIdentifier }) => alternative(capabilityIdentifier, 'standard') === H239_VIDEO);
  return isContent ? extended!.videoCapability : undefined;
}
