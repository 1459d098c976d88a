export { type G711Law } from './g711';
export { MediaSession, type AudioReport, type MediaOptions, type MediaReport, type VideoReport } from './session';
export { type Direction } from './sdp';
export { type StreamCounts } from './rtp-stream';
export { type Heard } from './tone';
