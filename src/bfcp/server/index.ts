export { FloorControlServer } from './floor-control-server';
export type { FloorControlServerOptions, FloorEvents, FloorUser } from './floor-control-server';
export { FloorError } from './floor-table';
export type { FloorPolicy, FloorRequest } from './floor-table';
export type { Participant, ParticipantOptions } from './participant';
