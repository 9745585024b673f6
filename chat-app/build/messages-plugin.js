/** Compiles the message catalogues while they are bundled, so that no parser of messages is sent to the browser. */
import { compileMessage } from '@lingui/message-utils/compileMessage';

/** @typedef {import('@lingui/core').Messages[string]} CompiledMessage */

/** @type {(message: string) => CompiledMessage} */
const compile = compileMessage;

const CATALOGUE = /\/src\/messages\/[a-z]+\/[a-z]+\.json$/;

/** @returns {import('vite').Plugin} */
export function messages() {
  return {
    name: 'docent-messages',
    enforce: 'pre',
    transform(code, id) {
      return CATALOGUE.test(id) ? { code: compileCatalogue(code), map: null } : undefined;
    },
  };
}

/**
 * A catalogue of ICU messages as one of compiled messages; both are JSON.
 * @param {string} text
 * @returns {string}
 */
export function compileCatalogue(text) {
  /** @type {unknown} */
  const parsed = JSON.parse(text);
  const messages = /** @type {Record<string, string>} */ (parsed);
  return JSON.stringify(
    Object.fromEntries(Object.entries(messages).map(([key, message]) => [key, compile(message)])),
  );
}
