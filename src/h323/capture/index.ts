/** H.323 messages out of capture files and out of loose octets, with all their layers in JSON. */
export { CaptureError, isCapture } from './capture-file';
export { layersOfAny, messagesOf, PDU_KINDS, type CapturedMessage, type Layer, type PduKind } from './messages';
