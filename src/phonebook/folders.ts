import { isFault, parseServiceAddress } from '../addressing';
import type { Device, DirectoryView, LocalizedText, Organisation, Service } from '../directory';
import { className, FOLDER_NAMES, languageName } from './texts';

/** A folder of the phone book. Its identifier is made of keys of the directory, so that it stays the same as long as they do. */
export interface FolderRef {
  id: string;
  /** In the reader's language. */
  name(language: string): LocalizedText;
  parent: string;
}

/** What stands directly in a folder; in no order. */
export interface Contents {
  folders: FolderRef[];
  services: readonly Service[];
  devices: readonly Device[];
}

/** Which entries are below a folder, for search. */
export interface Scope {
  /** Whether entries of a place (`ORGANISATION SITE`, or `ORGANISATION` alone) can be below it; the same function as long as the directory does not change. */
  place?: (place: string) => boolean;
  /** Set: services only, and of these those for which it is true. */
  service?(service: Service): boolean;
}

export const ROOT = '';
/** A class of at most so many services is one list; a larger one is divided by organisation. */
const FLAT = 100;
/** Folders whose contents are kept for one state of the directory, and as many scopes. */
const KEPT_FOLDERS = 2_000;
/** Organisations are nested far less than this. */
const MAX_DEPTH = 16;
/** Software, browsers and gateways are reached through the services and persons that they belong to. */
const SHOWN_DEVICES: ReadonlySet<string> = new Set(['room', 'desk', 'phone', 'mcu']);
const REGIONS: ReadonlySet<string> = new Set(['region', 'wellbeing']);

export const isShownService = ({ enabled, hidden }: Service): boolean => enabled && hidden !== true;
export const isShownDevice = ({ enabled, kind }: Device): boolean => enabled && SHOWN_DEVICES.has(kind);
const isInterpreting = ({ kind, joins }: Service): boolean => kind === 'interpreting' || joins === true;

/**
 * The phone book's folders over one state of the directory: authorities, interpreters by language, services by subject,
 * regions with their municipalities; below an organisation its services, sites and their devices.
 */
export class Folders {
  private readonly kept: Kept;

  constructor(private readonly view: DirectoryView) {
    this.kept = keptOf.get(view) ?? { contents: new Map(), scopes: new Map() };
    keptOf.set(view, this.kept);
  }

  find(id: string): FolderRef | undefined {
    if (id === ROOT) return { id, name: () => FOLDER_NAMES.root, parent: ROOT };
    const [, type, key = ''] = /^([a-z])_(.+)$/s.exec(id) ?? [];
    switch (type) {
      case 'c': return key in FOLDER_NAMES && key !== 'root' ? fixed(key as keyof typeof FOLDER_NAMES) : undefined;
      case 'o': return this.organisationFolder(this.view.organisation(key));
      case 's': {
        const site = this.view.site(key);
        return site && { id, name: () => site.names, parent: `o_${site.organisation}` };
      }
      case 'k': return classFolder(key);
      case 'r': {
        const [root, kind] = splitClass(key);
        const organisation = this.view.organisation(root);
        return organisation && { id, name: () => organisation.names, parent: `k_${kind}` };
      }
      case 'i': return { id, name: (language) => ({ [language]: languageName(key, language) }), parent: 'c_interpreters' };
      default: return undefined;
    }
  }

  /** What stands in a folder; nothing for one that does not exist. Kept as long as the directory does not change. */
  contentsOf(id: string): Contents {
    return keptIn(this.kept.contents, id, () => this.makeContents(id));
  }

  /** Which entries are below a folder; of one organisation alone, where `owner` names it. Kept likewise. */
  scopeOf(id: string, owner?: string): Scope {
    return keptIn(this.kept.scopes, `${id} ${owner}`, () => {
      const scope = this.makeScope(id);
      if (owner === undefined) return scope;
      const { place = () => true } = scope;
      return { ...scope, place: (of) => organisationOf(of) === owner && place(of) };
    });
  }

  private makeContents(id: string): Contents {
    const key = id.slice(2);
    switch (id.slice(0, 1)) {
      case '': return this.root();
      case 'c': return this.fixedContents(key);
      case 'o': return this.organisationContents(key);
      case 's': return { folders: [], services: [], devices: this.view.devicesOf(key).filter(isShownDevice) };
      case 'k': return this.classContents(key);
      case 'r': {
        const [root, kind] = splitClass(key);
        return { ...EMPTY, services: this.servicesOfClass(kind, root) };
      }
      case 'i': return { ...EMPTY, services: this.interpreters().get(key) ?? [] };
      default: return EMPTY;
    }
  }

  /** All entries below a folder, one by one, each service and device perhaps more than once. */
  *below(id: string, depth = 0): Generator<Service | Device> {
    const { folders, services, devices } = this.contentsOf(id);
    yield* services;
    yield* devices;
    if (depth < MAX_DEPTH) for (const folder of folders) yield* this.below(folder.id, depth + 1);
  }

  private makeScope(id: string): Scope {
    const key = id.slice(2);
    switch (id.slice(0, 1)) {
      case 'c': return this.fixedScope(key);
      case 'o': return this.scopeOfOrganisation(key);
      case 's': return { place: (place) => place.slice(organisationOf(place).length + 1) === key };
      case 'k': return { service: ({ kind }) => kind === key };
      case 'r': {
        const [root, wanted] = splitClass(key);
        return { ...this.scopeOfOrganisation(root), service: ({ kind }) => kind === wanted };
      }
      case 'i': return { service: (service) => isInterpreting(service) && spokenBy(service).includes(key) };
      default: return {};
    }
  }

  private root(): Contents {
    const folders = [fixed('authorities'), fixed('interpreters'), fixed('classes')];
    const roots = this.view.childrenOf();
    for (const organisation of roots) if (REGIONS.has(organisation.type)) folders.push(this.organisationFolder(organisation));
    if (roots.some(({ type }) => type === 'municipality')) folders.push(fixed('municipalities'));
    return { folders, services: [], devices: [] };
  }

  private fixedContents(name: string): Contents {
    switch (name) {
      case 'authorities': return { ...EMPTY, folders: this.roots(isAuthority) };
      case 'municipalities': return { ...EMPTY, folders: this.roots(({ type }) => type === 'municipality') };
      case 'classes': return { ...EMPTY, folders: [...this.classes()].map(classFolder) };
      case 'interpreters': return this.interpreterContents();
      default: return EMPTY;
    }
  }

  private fixedScope(name: string): Scope {
    switch (name) {
      case 'authorities': return { place: (place) => this.isBelowRoot(organisationOf(place), isAuthority) };
      case 'municipalities': return { place: (place) => this.isBelowRoot(organisationOf(place), ({ type }) => type === 'municipality') };
      case 'interpreters': return { service: isInterpreting };
      default: return { service: (service) => service.kind !== undefined };
    }
  }

  private roots(wanted: (organisation: Organisation) => boolean): FolderRef[] {
    return this.view.childrenOf().filter(wanted).map((organisation) => this.organisationFolder(organisation));
  }

  private organisationFolder(organisation: Organisation): FolderRef;
  private organisationFolder(organisation: Organisation | undefined): FolderRef | undefined;
  private organisationFolder(organisation: Organisation | undefined): FolderRef | undefined {
    if (organisation === undefined) return undefined;
    const { key, names, parent, type } = organisation;
    const top = REGIONS.has(type) ? ROOT : type === 'municipality' ? 'c_municipalities' : 'c_authorities';
    return { id: `o_${key}`, name: () => names, parent: parent === undefined ? top : `o_${parent}` };
  }

  /** The devices of an only site stand beside the services; of several sites each has its folder. */
  private organisationContents(key: string): Contents {
    const folders = this.view.childrenOf(key).map((organisation) => this.organisationFolder(organisation));
    const sites = this.view.sitesOf(key).map((site) => ({ site, devices: this.view.devicesOf(site.key).filter(isShownDevice) })).filter(({ devices }) => devices.length > 0);
    const services = this.view.servicesOf(key).filter(isShownService);
    if (sites.length <= 1) return { folders, services, devices: sites[0]?.devices ?? [] };
    return { folders: [...folders, ...sites.map(({ site }) => ({ id: `s_${site.key}`, name: () => site.names, parent: `o_${key}` }))], services, devices: [] };
  }

  private classContents(kind: string): Contents {
    const services = this.servicesOfClass(kind);
    if (services.length <= FLAT) return { ...EMPTY, services };
    const roots = this.view.childrenOf().filter(({ key }) => this.servicesOfClass(kind, key).length > 0);
    return { ...EMPTY, folders: roots.map(({ key, names }) => ({ id: `r_${key}_${kind}`, name: () => names, parent: `k_${kind}` })) };
  }

  private interpreterContents(): Contents {
    const languages = [...this.interpreters()];
    return {
      folders: languages.filter(([, services]) => services.length > 1).map(([code]) => this.find(`i_${code}`) as FolderRef),
      services: languages.flatMap(([, services]) => (services.length === 1 ? services : [])),
      devices: [],
    };
  }

  private classes(): Set<string> {
    const kinds = new Set<string>();
    for (const key of this.organisationsBelow()) for (const kind of classesOf(this.view.servicesOf(key)).keys()) kinds.add(kind);
    // Interpreters have a folder of their own.
    kinds.delete('interpreting');
    return kinds;
  }

  private servicesOfClass(kind: string, root?: string): Service[] {
    const services: Service[] = [];
    for (const key of this.organisationsBelow(root)) services.push(...classesOf(this.view.servicesOf(key)).get(kind) ?? []);
    return services;
  }

  private interpreters(): Map<string, Service[]> {
    const languages = new Map<string, Service[]>();
    for (const key of this.organisationsBelow()) {
      for (const [code, services] of interpretersOf(this.view.servicesOf(key))) languages.set(code, [...languages.get(code) ?? [], ...services]);
    }
    return languages;
  }

  /** An organisation and those below it; without one: all. */
  private *organisationsBelow(root?: string, depth = 0): Generator<string> {
    if (root !== undefined) yield root;
    if (depth < MAX_DEPTH) for (const { key } of this.view.childrenOf(root)) yield* this.organisationsBelow(key, depth + 1);
  }

  private scopeOfOrganisation(root: string): Scope {
    const organisations = new Set(this.organisationsBelow(root));
    return { place: (place) => organisations.has(organisationOf(place)) };
  }

  private isBelowRoot(key: string, wanted: (root: Organisation) => boolean): boolean {
    let organisation = this.view.organisation(key);
    for (let depth = 0; organisation?.parent !== undefined && depth < MAX_DEPTH; depth++) organisation = this.view.organisation(organisation.parent);
    return organisation !== undefined && wanted(organisation);
  }
}

interface Kept {
  contents: Map<string, Contents>;
  scopes: Map<string, Scope>;
}

/** A view is the same object until the directory changes. */
const keptOf = new WeakMap<DirectoryView, Kept>();

function keptIn<T>(kept: Map<string, T>, name: string, make: () => T): T {
  let one = kept.get(name);
  if (one === undefined) {
    one = make();
    if (kept.size >= KEPT_FOLDERS) kept.delete(kept.keys().next().value as string);
    kept.set(name, one);
  }
  return one;
}

/** Of a place of the search index: `ORGANISATION SITE`, or `ORGANISATION` alone. */
const organisationOf = (place: string): string => {
  const blank = place.indexOf(' ');
  return blank < 0 ? place : place.slice(0, blank);
};

const EMPTY: Contents = { folders: [], services: [], devices: [] };
const isAuthority = ({ type }: Organisation): boolean => type !== 'municipality' && !REGIONS.has(type);
const fixed = (name: keyof typeof FOLDER_NAMES): FolderRef => ({ id: `c_${name}`, name: () => FOLDER_NAMES[name], parent: ROOT });
const classFolder = (kind: string): FolderRef => ({ id: `k_${kind}`, name: () => className(kind), parent: 'c_classes' });

/** `ORGANISATION_KIND`: keys of organisations have no underscore. */
function splitClass(key: string): [organisation: string, kind: string] {
  const at = key.indexOf('_');
  return [key.slice(0, at), key.slice(at + 1)];
}

/** An interpreter is looked for by the language that the address names; without one by all that the service has. */
function spokenBy({ address, languages }: Service): string[] {
  const named = parseServiceAddress(address);
  return !isFault(named) && named.language !== undefined ? [named.language] : languages;
}

// A list of services is the same object until one of them changes, so what follows from it is made once.
const classes = new WeakMap<readonly Service[], ReadonlyMap<string, Service[]>>();
const interpreters = new WeakMap<readonly Service[], ReadonlyMap<string, Service[]>>();

const classesOf = (services: readonly Service[]): ReadonlyMap<string, Service[]> =>
  grouped(classes, services, ({ kind }) => (kind === undefined ? [] : [kind]));
const interpretersOf = (services: readonly Service[]): ReadonlyMap<string, Service[]> =>
  grouped(interpreters, services, (service) => (isInterpreting(service) ? spokenBy(service) : []));

function grouped(kept: WeakMap<readonly Service[], ReadonlyMap<string, Service[]>>, services: readonly Service[], groupsOf: (service: Service) => readonly string[]): ReadonlyMap<string, Service[]> {
  let groups = kept.get(services) as Map<string, Service[]> | undefined;
  if (groups === undefined) {
    groups = new Map();
    for (const service of services.filter(isShownService)) {
      for (const name of groupsOf(service)) {
        const group = groups.get(name);
        if (group === undefined) groups.set(name, [service]);
        else group.push(service);
      }
    }
    kept.set(services, groups);
  }
  return groups;
}
