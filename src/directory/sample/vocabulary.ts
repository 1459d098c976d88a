/** Parts of Finnish place names; a made-up municipality joins one of each. */
export const PLACE_BEGINNINGS = [
  'Ahven', 'Ala', 'Etelä', 'Haapa', 'Hauki', 'Hirvi', 'Honka', 'Iso', 'Itä', 'Kallio', 'Karhu', 'Kataja', 'Kesä', 'Kiisk', 'Koivu', 'Korpi', 'Kotka',
  'Kuikka', 'Kurki', 'Kuusi', 'Lehti', 'Leppä', 'Lumi', 'Länsi', 'Muikku', 'Musta', 'Mänty', 'Myrsky', 'Näre', 'Ohra', 'Orava', 'Paju', 'Pitkä', 'Pohjois',
  'Poro', 'Puna', 'Pyhä', 'Rauta', 'Ruis', 'Sammal', 'Sarvi', 'Siika', 'Sini', 'Suvi', 'Särki', 'Talvi', 'Tammi', 'Tervas', 'Tuuli', 'Uusi', 'Valkea', 'Vihta',
  'Vähä', 'Väli', 'Ylä', 'Äyri',
];
export const PLACE_ENDINGS = [
  'harju', 'joki', 'järvi', 'kangas', 'koski', 'kylä', 'lahti', 'lampi', 'luoto', 'maa', 'mäki', 'niemi', 'perä', 'ranta', 'saari', 'salmi', 'selkä', 'vaara', 'virta',
];

/** Kinds of service point and office: address label, Finnish, Swedish, English. */
export const SITES: readonly Terms[] = [
  ['keskus', 'Yhteispalvelupiste', 'Samservicekontoret', 'Service point'],
  ['kaupungintalo', 'Kaupungintalo', 'Stadshuset', 'Town hall'],
  ['terveysasema', 'Terveysasema', 'Hälsostationen', 'Health centre'],
  ['kirjasto', 'Kirjasto', 'Biblioteket', 'Library'],
  ['virastotalo', 'Virastotalo', 'Ämbetshuset', 'Government office building'],
  ['lahipalvelu', 'Lähipalvelupiste', 'Närservicekontoret', 'Local service point'],
];

/** What is offered: name in addresses, Finnish, Swedish, English. */
export type Terms = readonly [slug: string, fi: string, sv: string, en: string];

export const SERVICES: readonly Terms[] = [
  ['yhteispalvelu', 'Yhteispalvelu', 'Samservice', 'Joint customer service'],
  ['neuvonta', 'Neuvonta', 'Rådgivning', 'Advice'],
  ['ikaihmiset', 'Ikäihmisten palvelut', 'Tjänster för äldre', 'Services for older people'],
  ['vammaispalvelut', 'Vammaispalvelut', 'Funktionshinderservice', 'Disability services'],
  ['aikuissosiaalityo', 'Aikuissosiaalityö', 'Vuxensocialarbete', 'Adult social work'],
  ['lastensuojelu', 'Lastensuojelu', 'Barnskydd', 'Child protection'],
  ['perheneuvola', 'Perheneuvola', 'Familjerådgivning', 'Family counselling'],
  ['aitiysneuvola', 'Äitiysneuvola', 'Mödrarådgivning', 'Maternity clinic'],
  ['varhaiskasvatus', 'Varhaiskasvatus', 'Småbarnspedagogik', 'Early childhood education'],
  ['perusopetus', 'Perusopetus', 'Grundläggande utbildning', 'Basic education'],
  ['nuorisopalvelut', 'Nuorisopalvelut', 'Ungdomstjänster', 'Youth services'],
  ['etsiva-nuorisotyo', 'Etsivä nuorisotyö', 'Uppsökande ungdomsarbete', 'Outreach youth work'],
  ['kirjastopalvelut', 'Kirjastopalvelut', 'Bibliotekstjänster', 'Library services'],
  ['liikuntapalvelut', 'Liikuntapalvelut', 'Idrottstjänster', 'Sports services'],
  ['rakennusvalvonta', 'Rakennusvalvonta', 'Byggnadstillsyn', 'Building control'],
  ['kaavoitus', 'Kaavoitus ja maankäyttö', 'Planläggning och markanvändning', 'Planning and land use'],
  ['ymparistoterveys', 'Ympäristöterveys', 'Miljöhälsa', 'Environmental health'],
  ['jatehuolto', 'Jätehuolto', 'Avfallshantering', 'Waste management'],
  ['vesihuolto', 'Vesihuolto', 'Vattentjänster', 'Water services'],
  ['pysakointi', 'Pysäköinninvalvonta', 'Parkeringsövervakning', 'Parking control'],
  ['asuntotoimi', 'Asuntotoimi', 'Bostadstjänster', 'Housing services'],
  ['velkaneuvonta', 'Talous- ja velkaneuvonta', 'Ekonomi- och skuldrådgivning', 'Debt counselling'],
  ['kotoutuminen', 'Kotoutumispalvelut', 'Integrationstjänster', 'Integration services'],
  ['yritysneuvonta', 'Yritysneuvonta', 'Företagsrådgivning', 'Business advice'],
  ['tyollisyys', 'Työllisyyspalvelut', 'Sysselsättningstjänster', 'Employment services'],
  ['paihdepalvelut', 'Päihdepalvelut', 'Missbrukartjänster', 'Substance abuse services'],
  ['mielenterveys', 'Mielenterveyspalvelut', 'Mentalvårdstjänster', 'Mental health services'],
  ['kotihoito', 'Kotihoito', 'Hemvård', 'Home care'],
  ['omaishoito', 'Omaishoidon tuki', 'Stöd för närståendevård', 'Support for informal care'],
  ['hammashoito', 'Hammashoito', 'Tandvård', 'Dental care'],
  ['puheterapia', 'Puheterapia', 'Talterapi', 'Speech therapy'],
  ['kuntoutus', 'Kuntoutus', 'Rehabilitering', 'Rehabilitation'],
  ['kela', 'Kela', 'FPA', 'Social insurance'],
  ['te-toimisto', 'TE-toimisto', 'TE-byrån', 'Employment office'],
  ['maistraatti', 'Maistraatti', 'Magistraten', 'Register office'],
  ['oikeusapu', 'Oikeusapu', 'Rättshjälp', 'Legal aid'],
  ['vero', 'Verohallinto', 'Skatteförvaltningen', 'Tax administration'],
  ['poliisi', 'Poliisin lupapalvelut', 'Polisens tillståndstjänster', 'Police licences'],
  ['edunvalvonta', 'Edunvalvonta', 'Intressebevakning', 'Guardianship'],
  ['kuluttajaneuvonta', 'Kuluttajaneuvonta', 'Konsumentrådgivning', 'Consumer advice'],
];

export const ROLES: readonly Terms[] = [
  ['palveluneuvoja', 'Palveluneuvoja', 'Servicerådgivare', 'Service adviser'],
  ['sosiaalityontekija', 'Sosiaalityöntekijä', 'Socialarbetare', 'Social worker'],
  ['sosiaaliohjaaja', 'Sosiaaliohjaaja', 'Socialhandledare', 'Social counsellor'],
  ['palveluohjaaja', 'Palveluohjaaja', 'Servicehandledare', 'Service counsellor'],
  ['sairaanhoitaja', 'Sairaanhoitaja', 'Sjukskötare', 'Nurse'],
  ['terveydenhoitaja', 'Terveydenhoitaja', 'Hälsovårdare', 'Public health nurse'],
  ['laakari', 'Lääkäri', 'Läkare', 'Physician'],
  ['psykologi', 'Psykologi', 'Psykolog', 'Psychologist'],
  ['toimistosihteeri', 'Toimistosihteeri', 'Byråsekreterare', 'Office secretary'],
  ['etuuskasittelija', 'Etuuskäsittelijä', 'Förmånshandläggare', 'Benefit officer'],
  ['lupakasittelija', 'Lupakäsittelijä', 'Tillståndshandläggare', 'Permit officer'],
  ['rakennustarkastaja', 'Rakennustarkastaja', 'Byggnadsinspektör', 'Building inspector'],
  ['kirjastonhoitaja', 'Kirjastonhoitaja', 'Bibliotekarie', 'Librarian'],
  ['opettaja', 'Opettaja', 'Lärare', 'Teacher'],
  ['rehtori', 'Rehtori', 'Rektor', 'Head teacher'],
  ['nuorisotyontekija', 'Nuorisotyöntekijä', 'Ungdomsarbetare', 'Youth worker'],
  ['tulkki', 'Tulkki', 'Tolk', 'Interpreter'],
  ['oikeusavustaja', 'Oikeusavustaja', 'Rättsbiträde', 'Legal aid attorney'],
  ['kotihoidon-ohjaaja', 'Kotihoidon ohjaaja', 'Hemvårdsledare', 'Home care supervisor'],
  ['hammaslaakari', 'Hammaslääkäri', 'Tandläkare', 'Dentist'],
  ['fysioterapeutti', 'Fysioterapeutti', 'Fysioterapeut', 'Physiotherapist'],
  ['yrityskehittaja', 'Yrityskehittäjä', 'Företagsutvecklare', 'Business developer'],
  ['talousneuvoja', 'Talousneuvoja', 'Ekonomirådgivare', 'Financial adviser'],
  ['tietohallinnon-asiantuntija', 'Tietohallinnon asiantuntija', 'IT-expert', 'IT specialist'],
];
