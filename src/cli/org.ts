import { oidOf, type Organisation } from '../directory';
import type { RegisterCommands } from './context';
import { addOrganisationMoves } from './moves';
import { addRecordCommands } from './record-commands';

export const register: RegisterCommands = (program, context) => {
  const group = addRecordCommands(program, context, {
    command: 'org',
    kind: 'organisation',
    description: 'organisations of the directory',
    keyName: 'key',
    columns: ['key', 'business_id', 'type', 'name', 'domain', 'parent', 'municipality'],
    examples: [
      'etasilta org list type=municipality',
      'etasilta org add ahtari type=municipality name_fi=Ähtäri domain=ahtari.example municipality=989',
      'etasilta org set ahtari business_id=0177736-4 name_sv=Etseri',
      'etasilta org remove ahtari --cascade',
      'etasilta org show ahtari',
      'etasilta org rename ahtari name_fi="Uusikunta" --qualifier ahtari=uusikunta --until 2027-12-31 --dry-run',
      'etasilta org merge ahtari alavus --qualifier ahtari=alavus --absorb --until 2027-12-31',
    ],
    async related(directory, key) {
      const oid = oidOf(await directory.get('organisation', key) as Organisation);
      return { data: { oid }, text: oid === undefined ? '' : `OID ${oid}` };
    },
  });
  addOrganisationMoves(group, context);
};
