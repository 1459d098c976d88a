/** The directory: organisations, sites, devices, services, persons and who answers for what. */
export type { Change, Changes } from './changes';
export { checkDirectory, type Finding } from './check';
export { type Column, columnNames, describeRecord, findColumn } from './columns';
export { DirectoryError, type DirectoryErrorCode, type Fault, KIND_NAMES, type KindName } from './errors';
export {
  DEFAULT_DEPARTURE_POLICY, type DeparturePolicy, type Departures, findDepartures, SuddenLossError,
  type Difference, DifferenceReport, exportFolder, type ExportOptions, exportYaml, formatCounts, formatDifference, downloadPtv, importDirectory, ImportError, type ImportOptions, importPtv, PtvError, type PtvDownload, type PtvOptions, takePassword, writeFile,
} from './exchange';
export { hashPassword, oidOf } from './fields';
export type { AnyKind, AnyRecord } from './kind';
export { fieldsOf, kindOf, KINDS } from './kinds';
export * from './model';
export { mergeOrganisations, type Move, type MoveOptions, type MoveReport, renameOrganisation, renameService, type Replacement } from './moves';
export { type DirectoryStore, openDirectoryStore } from './open';
export { DirectoryReader, type ListOptions, type RecordOf } from './reader';
export { DirectoryRepository, type PutResult } from './repository';
export type { DirectoryDatabase } from './schema';
export type { Directory, DirectoryEntry, DirectoryView } from './view';
