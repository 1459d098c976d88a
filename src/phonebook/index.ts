/** The directory as endpoints read it: one tree, served in each format that their phone books take. */
export { Access, type AccessLimits, type Grant } from './access';
export { createMoviPhonebook, type MoviPhonebook, type MoviSettings } from './movi/service';
export { Phonebook, type PhonebookParts } from './phonebook';
export type { Reader } from './reader';
export { registerPhonebook } from './routes';
export { createPhonebookServer, type PhonebookDeps, type PhonebookServer, type PhonebookSettings } from './server';
