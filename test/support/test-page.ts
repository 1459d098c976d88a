import { openLiveDirectory } from '../../src/directory/live';
import { createWebServer, type WebServer } from '../../src/web';
import { Browser, type BrowserPage } from '../peers/harness';
import { DOMAIN, PASSWORD, type TestGateway } from './test-gateway';

/** The gateway's page with Chromium in front of it; each person has a page of their own. */
export class TestPage {
  private constructor(private readonly web: WebServer, private readonly browser: Browser) {}

  static async start(gateway: TestGateway): Promise<TestPage> {
    const web = await createWebServer({
      host: '127.0.0.1', port: 0, contacts: gateway.gateway.contacts, domain: DOMAIN, directory: await openLiveDirectory(gateway.gateway.directoryDatabase),
      now: Date.now, onError: (error) => { throw error; },
    });
    return new TestPage(web, await Browser.start());
  }

  /** Opens the page and fills in the form. */
  async open(address: string, password = PASSWORD, language = 'fi'): Promise<Person> {
    const page = await this.browser.page();
    await page.page.goto(`${this.web.url}/${language}`);
    await page.page.fill('#address', address);
    await page.page.fill('#password', password);
    await page.page.click('#log-in-form button');
    return new Person(page);
  }

  /** As `open`; resolves when the services are shown. */
  async logIn(address: string, password?: string, language?: string): Promise<Person> {
    const person = await this.open(address, password, language);
    await person.sees('services');
    return person;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.web.close();
  }
}

/** A person with the page in front of them. */
export class Person {
  constructor(readonly browser: BrowserPage) {}

  /** Waits until a section of the page is shown. */
  async sees(section: 'log-in' | 'services' | 'incoming' | 'call', limitMs = 15_000): Promise<void> {
    await this.browser.page.waitForSelector(`#${section}:not([hidden])`, { timeout: limitMs }).catch(async () => {
      throw new Error(`#${section} is not shown: ${await this.reads('body')}\n${this.browser.errors.join('\n')}`);
    });
  }

  async click(selector: string): Promise<void> {
    await this.browser.page.click(selector);
  }

  reads(selector: string): Promise<string> {
    return this.browser.page.innerText(selector);
  }

  /** Clicks the call button of a service. */
  async calls(service: string): Promise<void> {
    await this.click(`#service-list [data-address="${service}"]`);
  }

  async hangsUp(): Promise<void> {
    await this.click('#hang-up');
  }
}
