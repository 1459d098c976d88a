import { isPageLanguage, PAGE_TEXTS, type TextKey } from '../texts';
import type { Call, CallEvents } from './call';
import { element, notice, press, show } from './elements';
import { Phone, type PhoneEvents } from './phone';
import { ring } from './ring';
import { ServiceList } from './service-list';

const language = isPageLanguage(document.documentElement.lang) ? document.documentElement.lang : 'fi';
const texts = PAGE_TEXTS[language];
const { sipUrl = '', domain = '' } = document.body.dataset;

let phone: Phone | undefined;
let call: Call | undefined;
/** True from the click until the devices are open. */
let calling = false;

const services = new ServiceList(language, texts, ({ address, name }) => void startCall(address, name));

async function startCall(address: string, name: string): Promise<void> {
  if (phone === undefined || call !== undefined || calling) return;
  calling = true;
  notice('');
  try {
    call = await phone.call(address, name, callEvents());
    showCall(call, 'calling');
  } catch {
    notice(texts.failMicrophone);
  } finally {
    calling = false;
  }
}

function showCall({ name }: Call, state: TextKey): void {
  element('call-title').textContent = name;
  element('call-state').textContent = texts[state];
  for (const id of ['mute', 'camera', 'hold']) press(id, false);
  services.close();
  show('call');
}

function callEvents(): CallEvents {
  return {
    state(text) {
      element('call-state').textContent = texts[text];
      press('hold', text === 'onHold');
    },
    pictures(local, remote) {
      element<HTMLVideoElement>('local').srcObject = local;
      element<HTMLVideoElement>('remote').srcObject = remote;
      const hasCamera = local.getVideoTracks().length > 0;
      element('camera').hidden = !hasCamera;
      if (!hasCamera) notice(texts.noCamera);
    },
    over(text, detail) {
      for (const id of ['local', 'remote']) element<HTMLVideoElement>(id).srcObject = null;
      call = undefined;
      stopRinging();
      notice(texts[text], detail);
      if (phone) showServices();
    },
  };
}

function showServices(): void {
  show('services');
  services.open();
}

let stopRinging = (): void => undefined;

function rings(name: string): void {
  const silence = ring();
  const { title } = document;
  document.title = `${name} ${texts.isCalling}`;
  element('incoming-title').textContent = `${name} ${texts.isCalling}`;
  element('incoming').hidden = false;
  element('answer').focus();
  stopRinging = () => {
    silence();
    document.title = title;
    element('incoming').hidden = true;
    stopRinging = () => undefined;
  };
}

const phoneEvents: PhoneEvents = {
  registered() {
    notice('');
    if (call === undefined && element('services').hidden) showServices();
  },
  refused(text) {
    phone = undefined;
    services.close();
    notice(texts[text]);
    show('log-in');
  },
  lost() {
    notice(texts.failLost);
  },
  incoming(name, take, refuse) {
    if (call !== undefined || calling) return refuse();
    call = take(callEvents());
    rings(name);
  },
};

element('log-in-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const password = element<HTMLInputElement>('password');
  notice(texts.loggingIn);
  phone?.close();
  phone = new Phone(sipUrl, domain, element<HTMLInputElement>('address').value.trim().toLowerCase(), password.value, phoneEvents);
  password.value = '';
});
element('log-out').addEventListener('click', () => {
  phone?.close();
  phone = undefined;
  services.close();
  show('log-in');
});
element('answer').addEventListener('click', () => {
  stopRinging();
  if (call === undefined) return;
  showCall(call, 'calling');
  void call.answer();
});
element('decline').addEventListener('click', () => call?.hangUp());
element('hang-up').addEventListener('click', () => call?.hangUp());
element('mute').addEventListener('click', () => press('mute', call?.toggleMicrophone() ?? false));
element('camera').addEventListener('click', () => press('camera', call?.toggleCamera() ?? false));
element('hold').addEventListener('click', () => call?.toggleHold());
element('keys').addEventListener('click', ({ target }) => {
  const digit = (target as HTMLElement).dataset.digit;
  if (digit !== undefined) call?.sendDigit(digit);
});
window.addEventListener('pagehide', () => phone?.close());
