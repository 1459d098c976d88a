export { ControlError, ControlServer, controlRequest, type ControlTarget } from './control';
