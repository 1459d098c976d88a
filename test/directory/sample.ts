import type { Device, DirectoryDocument, Membership, Organisation, Person, Service, Site } from '../../src/directory';

export const organisation = (changes: Partial<Organisation> = {}): Organisation => ({
  key: 'kela', businessId: '0246246-0', type: 'state', names: { fi: 'Kela', sv: 'Fpa' }, domain: 'kela.example', ...changes,
});
export const site = (changes: Partial<Site> = {}): Site => ({
  key: 'kela-seinajoki', organisation: 'kela', names: { fi: 'Kela Seinäjoki' }, municipality: '743', ...changes,
});
export const device = (changes: Partial<Device> = {}): Device => ({
  address: 'ex90-1@seinajoki.kela.example', site: 'kela-seinajoki', kind: 'room', enabled: true, ...changes,
});
export const service = (changes: Partial<Service> = {}): Service => ({
  address: 'kela.fi@palvelu.example', organisation: 'kela', languages: ['fi'], names: { fi: 'Kela suomeksi' },
  plan: { stages: [{ group: 'main', strategy: 'all', ringSeconds: 30 }] }, enabled: true, ...changes,
});
export const person = (changes: Partial<Person> = {}): Person => ({
  key: 'kela-asiantuntija-1', organisation: 'kela', site: 'kela-seinajoki', name: 'Etuuskäsittelijä 1', roles: ['agent'],
  languages: ['fi'], skills: [], devices: ['ex90-1@seinajoki.kela.example'], enabled: true, ...changes,
});
export const membership = (changes: Partial<Membership> = {}): Membership => ({
  service: 'kela.fi@palvelu.example', device: 'ex90-1@seinajoki.kela.example', group: 'main', position: 0, ...changes,
});

/** One record of each kind, each referring to the one before. */
export const smallDirectory = (): DirectoryDocument => ({
  organisations: [organisation()], sites: [site()], devices: [device()], services: [service()], persons: [person()],
  memberships: [membership(), membership({ device: undefined, person: 'kela-asiantuntija-1', group: 'backup' })],
});
