/** The whole directory to and from files. */
export { DEFAULT_DEPARTURE_POLICY, type DeparturePolicy, type Departures, findDepartures, SuddenLossError } from './departures';
export { type Counts, type Difference, DifferenceReport, formatCounts, formatDifference } from './difference';
export { exportFolder, type ExportOptions, exportYaml, writeFile } from './export';
export { importDirectory, type ImportOptions, importSources } from './import';
export { keyOf } from './keys';
export { takePassword } from './password';
export { keysByIdentity, positionOf, savePosition, type SourcePosition, type Synchronisation } from './source-records';
export { importPtv, PTV_SOURCE, type PtvOptions } from './ptv';
export { downloadPtv, PtvError, type PtvDownload } from './ptv-client';
export { formatInputFault, ImportError, type InputFault, type InputRecord, type InputSource } from './source';
