/** The element with an identifier, as what it is; throws where the page has no such. */
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as T;
}

export type Section = 'log-in' | 'services' | 'call';
const SECTIONS: readonly Section[] = ['log-in', 'services', 'call'];

/** Shows one section only, and moves the focus to its heading so that it is read aloud. */
export function show(section: Section): void {
  for (const each of SECTIONS) element(each).hidden = each !== section;
  document.getElementById(`${section}-title`)?.focus();
}

export function notice(text: string, detail?: string): void {
  element('notice').textContent = detail ? `${text} (${detail})` : text;
}

export function press(id: string, pressed: boolean): void {
  element(id).setAttribute('aria-pressed', String(pressed));
}
