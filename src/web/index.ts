export { ControlError, ControlServer, controlRequest, type CallAction, type CallChange, type ControlTarget } from './control';
export { createWebServer, WebServerError, type WebServer, type WebServerOptions } from './web-server';
