import { PAGE_LANGUAGES, PAGE_TEXTS, type PageLanguage } from './texts';

export interface PageOptions {
  language: PageLanguage;
  /** WebSocket of the SIP server. */
  sipUrl: string;
  /** Services named without a domain are at this one. */
  domain: string;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] as string);

/** The whole page in one language. Everything that looks or acts comes from `/style.css` and `/main.js`. */
export function pageHtml({ language, sipUrl, domain }: PageOptions): string {
  const t = PAGE_TEXTS[language];
  const languages = PAGE_LANGUAGES.map((each) =>
    `<a href="/${each}" lang="${each}" hreflang="${each}"${each === language ? ' aria-current="true"' : ''}>${PAGE_TEXTS[each].languageName}</a>`);
  const keys = [...'123456789*0#'].map((digit) => `<button type="button" data-digit="${digit}">${digit}</button>`);
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${t.title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
<script src="/main.js" defer></script>
</head>
<body data-sip-url="${escape(sipUrl)}" data-domain="${escape(domain)}">
<header>
<h1>${t.title}</h1>
<nav>${languages.join(' ')}</nav>
</header>
<main>
<noscript><p>${t.noScript}</p></noscript>
<p id="notice" role="alert"></p>

<section id="log-in">
<p>${t.introduction}</p>
<form id="log-in-form">
<label for="address">${t.address}</label>
<input id="address" name="address" type="email" required autocomplete="username" autocapitalize="none" spellcheck="false" aria-describedby="address-note">
<small id="address-note">${t.addressExample}</small>
<label for="password">${t.password}</label>
<input id="password" name="password" type="password" required autocomplete="current-password" aria-describedby="password-note">
<small id="password-note">${t.passwordNote}</small>
<button type="submit">${t.logIn}</button>
</form>
</section>

<section id="services" aria-labelledby="services-title" hidden>
<h2 id="services-title" tabindex="-1">${t.services}</h2>
<label for="search">${t.search}</label>
<input id="search" type="search" autocomplete="off" maxlength="100">
<p id="no-services" role="status"></p>
<ul id="service-list"></ul>
<button type="button" id="log-out" class="quiet">${t.logOut}</button>
</section>

<section id="incoming" role="alertdialog" aria-labelledby="incoming-title" hidden>
<h2 id="incoming-title" tabindex="-1"></h2>
<button type="button" id="answer" class="go">${t.answer}</button>
<button type="button" id="decline" class="stop">${t.decline}</button>
</section>

<section id="call" aria-labelledby="call-title" hidden>
<h2 id="call-title" tabindex="-1"></h2>
<p id="call-state" role="status"></p>
<div id="pictures">
<video id="remote" autoplay playsinline aria-label="${t.picture}"></video>
<video id="local" autoplay playsinline muted aria-label="${t.ownPicture}"></video>
</div>
<div id="controls">
<button type="button" id="mute" aria-pressed="false">${t.mute}</button>
<button type="button" id="camera" aria-pressed="false">${t.cameraOff}</button>
<button type="button" id="hold" aria-pressed="false">${t.hold}</button>
<button type="button" id="hang-up" class="stop">${t.hangUp}</button>
</div>
<details id="keypad">
<summary>${t.keypad}</summary>
<div id="keys">${keys.join('')}</div>
</details>
</section>
</main>
</body>
</html>
`;
}
