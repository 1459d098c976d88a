export { CachingResolver } from './cache';
export { locate } from './locate';
export { systemResolver, type Resolver, type NaptrRecord, type SrvRecord, type AddressRecord } from './resolver';
