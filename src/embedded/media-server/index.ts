/** A media server that speaks FreeSWITCH's event socket and answers its INVITEs: what FreeSWITCH is to drachtio-fsmrf, in the same program. */
export { MediaServerError } from './media-server-error';
export type { LocalMediaServer, MediaServer, MediaServerLog, MediaServerOptions, MediaServerStats } from './options';
export { startMediaServer } from './server';
export { standAloneOptions, type StandAloneSettings } from './stand-alone';
export { startMediaServerInWorker } from './worker';
