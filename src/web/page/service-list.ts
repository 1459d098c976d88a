import type { ListedService } from '../services';
import type { PageTexts } from '../texts';
import { element } from './elements';

const TYPING_MS = 250;
/** Services open and close while somebody looks at the list. */
const REFRESH_MS = 60_000;

/** The services that fit what is typed, with a button for each that is open. */
export class ServiceList {
  private readonly search = element<HTMLInputElement>('search');
  private typing: number | undefined;
  private refreshing: number | undefined;
  private asked = 0;

  constructor(private readonly language: string, private readonly texts: PageTexts, private readonly call: (service: ListedService) => void) {
    this.search.addEventListener('input', () => {
      window.clearTimeout(this.typing);
      this.typing = window.setTimeout(() => void this.load(), TYPING_MS);
    });
  }

  open(): void {
    void this.load();
    window.clearInterval(this.refreshing);
    this.refreshing = window.setInterval(() => void this.load(), REFRESH_MS);
  }

  close(): void {
    window.clearInterval(this.refreshing);
  }

  private async load(): Promise<void> {
    const asked = ++this.asked;
    const query = new URLSearchParams({ language: this.language, text: this.search.value });
    let services: ListedService[];
    try {
      const answer = await fetch(`/services?${query}`);
      if (!answer.ok) throw new Error(answer.statusText);
      ({ services } = await answer.json() as { services: ListedService[] });
    } catch {
      if (asked === this.asked) element('no-services').textContent = this.texts.failConnection;
      return;
    }
    // An answer that came late is about something that is no longer typed.
    if (asked !== this.asked) return;
    element('no-services').textContent = services.length === 0 ? this.texts.noServices : '';
    const focused = (document.activeElement as HTMLElement | null)?.dataset.address;
    element('service-list').replaceChildren(...services.map((service) => this.item(service)));
    if (focused !== undefined) document.querySelector<HTMLElement>(`#service-list [data-address="${CSS.escape(focused)}"]`)?.focus();
  }

  private item(service: ListedService): HTMLLIElement {
    const { texts } = this;
    const item = document.createElement('li');
    const words = document.createElement('div');
    const name = document.createElement('strong');
    name.textContent = service.name;
    const about = document.createElement('span');
    about.textContent = [service.organisation, service.languages.join(', '), service.open ? texts.open : service.opens ? `${texts.opens} ${service.opens}` : texts.closed].join(' · ');
    words.append(name, about);
    item.append(words);
    if (service.open) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'go';
      button.textContent = texts.call;
      button.dataset.address = service.address;
      button.setAttribute('aria-label', `${texts.callTo}: ${service.name}`);
      button.addEventListener('click', () => this.call(service));
      item.append(button);
    }
    return item;
  }
}
