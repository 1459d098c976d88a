/**
 * BFCP, the Binary Floor Control Protocol (RFC 8855; over TCP also its version 1, RFC 4582): codec, transports, floor control
 * server, client, and its lines in session descriptions (RFC 8856). Stands alone.
 */
export * from './codec';
export { BfcpError } from './errors';
export type { BfcpErrorCode } from './errors';
export { Association, BfcpRefusedError } from './association';
export type { AssociationEvents, AssociationOptions } from './association';
export { FloorClient } from './floor-client';
export type { FloorClientEvents, FloorClientOptions } from './floor-client';
export * from './server';
export * from './transport';
export * from './sdp';
export * from './content';
export { agreeOnFloor, floorOf, floorTransportOf } from './floor-line';
export type { FloorTransport } from './floor-line';
export { FloorPorts } from './floor-ports';
export type { FloorSettings } from './floor-ports';
export { ConferenceFloors } from './conference-floors';
export type { FloorSeat } from './conference-floors';
