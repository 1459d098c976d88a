export { ControlError, ControlServer, controlRequest, type ControlTarget } from './control';
export { createWebServer, WebServerError, type WebServer, type WebServerOptions } from './web-server';
