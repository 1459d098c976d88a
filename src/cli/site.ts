import type { RegisterCommands } from './context';
import { addRecordCommands } from './record-commands';

export const register: RegisterCommands = (program, context) => {
  addRecordCommands(program, context, {
    command: 'site',
    kind: 'site',
    description: 'sites: service points, offices',
    keyName: 'key',
    columns: ['key', 'organisation', 'name', 'municipality', 'address'],
    examples: [
      'etasilta site list organisation=alavus',
      'etasilta site add alavus-fasadi organisation=alavus name_fi="Alavus, Fasadi" municipality=010',
      'etasilta site set alavus-fasadi media=direct',
      'etasilta site show alavus-fasadi',
      'etasilta site remove alavus-fasadi',
    ],
  });
};
