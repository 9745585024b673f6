/** The browser of this machine. */
import { existsSync } from 'node:fs';

import { chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where the browser is: what CHROMIUM names, else the first of the usual places. Throws when there is none. */
export function browserPath() {
  const found = process.env['CHROMIUM'] ?? PLACES.find((path) => existsSync(path));
  if (found === undefined)
    throw new Error('no Chromium here: install it (Debian: apt-get install chromium) or name it in CHROMIUM');
  return found;
}

/** Starts it, quiet: it speaks to nobody but the page. */
export const launch = () =>
  chromium.launch({
    executablePath: browserPath(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
