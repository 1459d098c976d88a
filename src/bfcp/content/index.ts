export { joinFloors } from './content-floor';
export type { ContentFloor, ContentFloorEvents } from './content-floor';
export { ServerFloor } from './server-floor';
export type { ServerFloorOptions } from './server-floor';
export { ClientFloor } from './client-floor';
export type { ClientFloorOptions } from './client-floor';
