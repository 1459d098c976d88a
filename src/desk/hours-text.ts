import type { LocalizedText } from '../directory/model';
import { DEFAULT_ZONE, type HoursDecision } from './hours';
import { civilOf, weekdayOf, zoneOf } from './zone';

type TextLanguage = 'fi' | 'sv' | 'en';

// Written out because the texts of Intl differ between versions of Node.
const WEEKDAYS = {
  fi: ['ma', 'ti', 'ke', 'to', 'pe', 'la', 'su'],
  sv: ['må', 'ti', 'on', 'to', 'fr', 'lö', 'sö'],
  en: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
};
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** An instant on the clock of a zone: `ma 23.11.2026 klo 9.00`, `må 23.11.2026 kl. 9.00`, `Mon 23 Nov 2026 at 9:00`. */
export function timeText(at: Date, language: TextLanguage, timezone: string = DEFAULT_ZONE): string {
  const { day, minutes } = zoneOf(timezone).wall(at.getTime());
  const [year, month, date] = civilOf(day);
  const weekday = WEEKDAYS[language][weekdayOf(day) - 1];
  const hour = Math.floor(minutes / 60);
  const minute = String(minutes % 60).padStart(2, '0');
  if (language === 'en') return `${weekday} ${date} ${MONTHS[month - 1]} ${year} at ${hour}:${minute}`;
  return `${weekday} ${date}.${month}.${year} ${language === 'fi' ? 'klo' : 'kl.'} ${hour}.${minute}`;
}

const CLOSED: Record<TextLanguage, (name: string, reason: string, opens: string | undefined) => string> = {
  fi: (name, reason, opens) => `${name} on suljettu${reason}${opens === undefined ? '' : `, avataan ${opens}`}`,
  sv: (name, reason, opens) => `${name} är stängd${reason}${opens === undefined ? '' : `, öppnar ${opens}`}`,
  en: (name, reason, opens) => `${name} is closed${reason}${opens === undefined ? '' : `, opens ${opens}`}`,
};

/** What a caller of a closed service is told, in Finnish, Swedish and English. */
export function closedText(decision: HoursDecision, names: LocalizedText): Record<TextLanguage, string> {
  const text = (language: TextLanguage): string => {
    const reason = decision.note && inLanguage(decision.note, language);
    const opens = decision.opensAt && timeText(decision.opensAt, language, decision.timezone);
    return CLOSED[language](inLanguage(names, language) ?? '', reason === undefined ? '' : ` (${reason})`, opens);
  };
  return { fi: text('fi'), sv: text('sv'), en: text('en') };
}

/** The reader's language first, then Finnish, Swedish, English, then any. */
export function inLanguage(text: LocalizedText, language: string): string | undefined {
  return text[language] ?? text['fi'] ?? text['sv'] ?? text['en'] ?? Object.values(text)[0];
}
