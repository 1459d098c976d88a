import { h264First } from './codecs';

const HAS_NO_CAMERA = ['NotFoundError', 'NotReadableError', 'OverconstrainedError'];

/** Microphone and, where there is one, camera. Rejects when there is no microphone or it may not be used. */
export async function openMicrophoneAndCamera(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: { ideal: 1280 }, height: { ideal: 720 } } });
  } catch (error) {
    if (!HAS_NO_CAMERA.includes((error as DOMException).name)) throw error;
    return navigator.mediaDevices.getUserMedia({ audio: true });
  }
}

export function closeDevices(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/**
 * Gives a new connection what we send, asks for video even without a camera of our own, and puts H.264 first; before the
 * description is made.
 */
export function addTracks(connection: RTCPeerConnection, local: MediaStream, offering: boolean): void {
  for (const track of local.getTracks()) connection.addTrack(track, local);
  if (offering && local.getVideoTracks().length === 0) connection.addTransceiver('video', { direction: 'recvonly' });
  const codecs = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
  for (const transceiver of connection.getTransceivers()) {
    if (transceiver.receiver.track.kind === 'video') transceiver.setCodecPreferences(h264First(codecs));
  }
}

/** Collects what comes into one stream: systems that are no browsers do not say which tracks belong together. */
export function remoteStream(connection: RTCPeerConnection): MediaStream {
  const stream = new MediaStream();
  connection.addEventListener('track', ({ track }) => {
    for (const old of stream.getTracks()) if (old.kind === track.kind) stream.removeTrack(old);
    stream.addTrack(track);
  });
  return stream;
}
