import type { RegisterCommands } from './context';
import { memberships } from './memberships';
import { addRecordCommands } from './record-commands';

export const register: RegisterCommands = (program, context) => {
  addRecordCommands(program, context, {
    command: 'person',
    kind: 'person',
    description: 'persons: who answers, with which skills, at which devices',
    keyName: 'key',
    columns: ['key', 'organisation', 'site', 'name', 'roles', 'languages', 'enabled'],
    examples: [
      'etasilta person list organisation=kela',
      'etasilta person add kela-seinajoki-asiantuntija-1 organisation=kela name="Asiantuntija 1" roles=agent "languages=fi;sv" devices=ex90-1@seinajoki.kela.example',
      'etasilta person set kela-seinajoki-asiantuntija-1 enabled=false',
      'etasilta person show kela-seinajoki-asiantuntija-1',
      'etasilta person remove kela-seinajoki-asiantuntija-1 --cascade',
    ],
    related: (directory, key) => memberships(directory, { person: key }),
  });
};
