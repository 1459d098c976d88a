export type { Carrier, CarrierReceiver } from './carrier';
export { UdpEndpoint } from './udp';
export type { UdpOptions, UdpPeer } from './udp';
export { connectTcp, TcpFraming, TcpListener } from './tcp';
export type { TcpOptions } from './tcp';
