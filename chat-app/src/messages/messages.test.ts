import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { LANGUAGES } from '@/config/languages';

import { compileCatalogue } from '../../build/messages-plugin.js';

const HERE = import.meta.dirname;
const AREAS = readdirSync(HERE, { withFileTypes: true }).filter((entry) => entry.isDirectory());

const read = (area: string, language: string) => readFileSync(join(HERE, area, `${language}.json`), 'utf8');
const catalogue = (area: string, language: string) =>
  JSON.parse(read(area, language)) as Record<string, string>;

/** The names of a message's values, which a translation must neither lose nor invent. */
function valuesOf(compiled: unknown): string[] {
  const names = new Set<string>();
  const walk = (tokens: unknown) => {
    if (!Array.isArray(tokens)) return;
    for (const token of tokens as unknown[]) {
      if (!Array.isArray(token)) continue;
      names.add(String(token[0]));
      for (const branch of Object.values((token[2] ?? {}) as object)) walk(branch);
    }
  };
  walk(compiled);
  return [...names].sort();
}

const compiled = (area: string, language: string) =>
  JSON.parse(compileCatalogue(read(area, language))) as Record<string, unknown>;

/** Every file under src that people's words can come from. */
const sources = readdirSync(join(HERE, '..'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !/\.test\.|testing|\.gen\./.test(name))
  .map((name) => readFileSync(join(HERE, '..', name), 'utf8'))
  .join('\n');

describe.each(AREAS.map(({ name }) => name))('the messages of %s', (area) => {
  const english = catalogue(area, 'en');

  it.each(LANGUAGES.map(({ id }) => id))(
    'are all there in %s, with the same values, and can be read',
    (id) => {
      const translated = catalogue(area, id);
      expect(Object.keys(translated).sort()).toEqual(Object.keys(english).sort());
      const original = compiled(area, 'en');
      for (const [key, message] of Object.entries(compiled(area, id))) {
        expect(translated[key]?.trim(), key).not.toBe('');
        expect(valuesOf(message), key).toEqual(valuesOf(original[key]));
      }
    },
  );

  it('are used, each of them', () => {
    const unused = Object.keys(english).filter((key) => {
      const family = key.slice(0, key.lastIndexOf('.') + 1);
      return !sources.includes(`'${key}'`) && !sources.includes(`\`${family}\${`) && !inFamily(key);
    });
    expect(unused).toEqual([]);
  });
});

/** True when the key is made up in code out of a name that varies in its middle, as in `error.${kind}.title`. */
const inFamily = (key: string) => {
  const [first = '', , last = ''] = key.split('.');
  return last !== '' && sources.includes(`\`${first}.\${`) && sources.includes(`}.${last}\``);
};
