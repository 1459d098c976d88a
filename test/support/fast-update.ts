/** A wish for a key frame (RFC 5168). */
export const FAST_UPDATE = {
  method: 'INFO', headers: { 'Content-Type': 'application/media_control+xml' },
  body: '<media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive></media_control>',
};
