/** What the page says, in the three languages of the service; on the server it is put into the page, in the browser into what changes. */
export type PageLanguage = 'fi' | 'sv' | 'en';
export const PAGE_LANGUAGES: readonly PageLanguage[] = ['fi', 'sv', 'en'];

const fi = {
  languageName: 'Suomeksi',
  title: 'Etäpalvelu',
  introduction: 'Soita viranomaisen palveluun kuva- ja ääniyhteydellä.',
  noScript: 'Sivu tarvitsee JavaScriptin, jotta puhelu voidaan soittaa selaimella. Ota se käyttöön selaimen asetuksista.',
  logIn: 'Kirjaudu', address: 'Laiteosoite', addressExample: 'esimerkiksi selain-1@koti.kunta.example', password: 'Salasana',
  passwordNote: 'Salasanaa ei tallenneta.', logOut: 'Kirjaudu ulos', loggingIn: 'Kirjaudutaan…',
  services: 'Palvelut', search: 'Etsi palvelua', noServices: 'Hakua vastaavia palveluja ei löytynyt.',
  open: 'Avoinna nyt', closed: 'Suljettu', opens: 'Suljettu, avataan', call: 'Soita', callTo: 'Soita palveluun',
  picture: 'Toisen osapuolen kuva', ownPicture: 'Oma kuvasi', calling: 'Soitetaan…', ringing: 'Hälyttää…', talking: 'Puhelu on käynnissä.', onHold: 'Puhelu on pidossa.',
  heldByOther: 'Toinen osapuoli pani puhelun pitoon.', noCamera: 'Kameraa ei ole käytössä. Toinen osapuoli kuulee sinut, mutta ei näe sinua.',
  mute: 'Mykistä mikrofoni', cameraOff: 'Sammuta kamera', hold: 'Pane pitoon', hangUp: 'Lopeta puhelu',
  keypad: 'Numeronäppäimet', isCalling: 'soittaa sinulle', answer: 'Vastaa', decline: 'Hylkää', ended: 'Puhelu päättyi.',
  failWrongPassword: 'Laiteosoite tai salasana on väärä.', failConnection: 'Palveluun ei saada yhteyttä. Tarkista verkkoyhteytesi ja yritä uudelleen.',
  failLost: 'Yhteys palveluun katkesi. Yritetään uudelleen.', failMicrophone: 'Mikrofonia ei voi käyttää. Salli sen käyttö selaimen asetuksista ja tarkista, että se on kytketty.',
  failUnknown: 'Palvelua ei löydy.', failClosed: 'Palvelu on suljettu tai siellä ei ole nyt ketään paikalla.', failBusy: 'Palvelu on varattu. Soita hetken kuluttua uudelleen.',
  failNoAnswer: 'Palvelusta ei vastattu. Yritä myöhemmin uudelleen.', failNotAllowed: 'Tästä osoitteesta ei voi soittaa tähän palveluun.',
  failMedia: 'Ääni- tai kuvayhteyttä ei saatu muodostettua.', failFull: 'Kaikki yhteydet ovat nyt käytössä. Yritä hetken kuluttua uudelleen.', failOther: 'Puhelu ei onnistunut. Yritä uudelleen.',
};

export type PageTexts = typeof fi;
export type TextKey = keyof PageTexts;

const sv: PageTexts = {
  languageName: 'På svenska',
  title: 'Distansservice',
  introduction: 'Ring myndighetens tjänst med bild och ljud.',
  noScript: 'Sidan behöver JavaScript för att du ska kunna ringa med webbläsaren. Tillåt det i webbläsarens inställningar.',
  logIn: 'Logga in', address: 'Enhetsadress', addressExample: 'till exempel selain-1@koti.kunta.example', password: 'Lösenord',
  passwordNote: 'Lösenordet sparas inte.', logOut: 'Logga ut', loggingIn: 'Loggar in…',
  services: 'Tjänster', search: 'Sök en tjänst', noServices: 'Inga tjänster motsvarar sökningen.',
  open: 'Öppet nu', closed: 'Stängt', opens: 'Stängt, öppnar', call: 'Ring', callTo: 'Ring till',
  picture: 'Den andra partens bild', ownPicture: 'Din egen bild', calling: 'Ringer upp…', ringing: 'Det ringer…', talking: 'Samtalet pågår.', onHold: 'Samtalet är parkerat.',
  heldByOther: 'Den andra parten har parkerat samtalet.', noCamera: 'Ingen kamera används. Den andra parten hör dig men ser dig inte.',
  mute: 'Stäng av mikrofonen', cameraOff: 'Stäng av kameran', hold: 'Parkera', hangUp: 'Avsluta samtalet',
  keypad: 'Sifferknappar', isCalling: 'ringer dig', answer: 'Svara', decline: 'Avvisa', ended: 'Samtalet avslutades.',
  failWrongPassword: 'Enhetsadressen eller lösenordet är fel.', failConnection: 'Ingen förbindelse med tjänsten. Kontrollera din nätförbindelse och försök igen.',
  failLost: 'Förbindelsen med tjänsten bröts. Vi försöker på nytt.', failMicrophone: 'Mikrofonen kan inte användas. Tillåt den i webbläsarens inställningar och kontrollera att den är ansluten.',
  failUnknown: 'Tjänsten hittas inte.', failClosed: 'Tjänsten är stängd eller ingen är på plats just nu.', failBusy: 'Tjänsten är upptagen. Ring igen om en stund.',
  failNoAnswer: 'Tjänsten svarade inte. Försök igen senare.', failNotAllowed: 'Från den här adressen kan man inte ringa till tjänsten.',
  failMedia: 'Det gick inte att skapa en ljud- eller bildförbindelse.', failFull: 'Alla förbindelser används just nu. Försök igen om en stund.', failOther: 'Samtalet lyckades inte. Försök igen.',
};

const en: PageTexts = {
  languageName: 'In English',
  title: 'Remote service',
  introduction: 'Call a public service with picture and sound.',
  noScript: 'This page needs JavaScript to call from your browser. Please allow it in the settings of your browser.',
  logIn: 'Log in', address: 'Device address', addressExample: 'for example selain-1@koti.kunta.example', password: 'Password',
  passwordNote: 'The password is not stored.', logOut: 'Log out', loggingIn: 'Logging in…',
  services: 'Services', search: 'Search for a service', noServices: 'No services match the search.',
  open: 'Open now', closed: 'Closed', opens: 'Closed, opens', call: 'Call', callTo: 'Call',
  picture: 'Picture of the other party', ownPicture: 'Your own picture', calling: 'Calling…', ringing: 'Ringing…', talking: 'You are in a call.', onHold: 'The call is on hold.',
  heldByOther: 'The other party has put the call on hold.', noCamera: 'No camera is in use. The other party hears you but does not see you.',
  mute: 'Mute microphone', cameraOff: 'Turn camera off', hold: 'Hold', hangUp: 'Hang up',
  keypad: 'Number keys', isCalling: 'is calling you', answer: 'Answer', decline: 'Decline', ended: 'The call has ended.',
  failWrongPassword: 'The device address or the password is wrong.', failConnection: 'The service cannot be reached. Check your network connection and try again.',
  failLost: 'The connection to the service was lost. Trying again.', failMicrophone: 'The microphone cannot be used. Allow it in the settings of your browser and check that it is plugged in.',
  failUnknown: 'There is no such service.', failClosed: 'The service is closed, or nobody is there now.', failBusy: 'The service is busy. Please call again in a moment.',
  failNoAnswer: 'There was no answer. Please try again later.', failNotAllowed: 'This service cannot be called from this address.',
  failMedia: 'No connection for sound or picture could be made.', failFull: 'All connections are in use. Please try again in a moment.', failOther: 'The call did not succeed. Please try again.',
};

export const PAGE_TEXTS: Record<PageLanguage, PageTexts> = { fi, sv, en };

export const isPageLanguage = (text: string | undefined): text is PageLanguage => PAGE_LANGUAGES.includes(text as PageLanguage);
