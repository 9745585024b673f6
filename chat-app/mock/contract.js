/** The service's OpenAPI file, by which the mock checks what it is asked and what it says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020.js';

/**
 * @typedef {{ name: string, in: string, required?: boolean, schema: object }} Parameter
 * @typedef {{ content?: Record<string, { schema?: object }> }} Body
 * @typedef {{ parameters?: Parameter[], requestBody?: Body & { required?: boolean }, responses: Record<string, Body> }} Operation
 * @typedef {{ operation: Operation, key: string, params: Record<string, string> }} Found
 */

const FILE = join(import.meta.dirname, '../../docs/openapi.json');
const NAMES = /\{([^}]+)\}/g;

/** @type {(text: string) => unknown} */
const parse = JSON.parse;

const document = /** @type {{ paths: Record<string, Record<string, Operation>>, components: object }} */ (
  parse(readFileSync(FILE, 'utf8'))
);

const ajv = new Ajv2020({ strict: false, validateFormats: false, coerceTypes: false });
ajv.addSchema({ $id: 'docent', components: document.components });

/** @type {Map<object, import('ajv').ValidateFunction>} */
const compiled = new Map();
/** @type {Map<string, object>} the same schema each time, so that it is compiled once */
const named = new Map();

/** The same schema, its references pointing into the file. @param {object} schema @returns {import('ajv').ValidateFunction} */
function checkerOf(schema) {
  let check = compiled.get(schema);
  if (check === undefined) {
    const text = JSON.stringify(schema);
    check = ajv.compile(/** @type {object} */ (parse(text.replaceAll('"#/', '"docent#/'))));
    compiled.set(schema, check);
  }
  return check;
}

const routes = Object.entries(document.paths).map(([path, operations]) => ({
  path,
  operations,
  names: [...path.matchAll(NAMES)].map(([, name]) => name ?? ''),
  pattern: new RegExp(`^${path.replace(NAMES, '([^/]+)')}$`),
}));

/**
 * The operation that the file has for a request, or undefined for a path that is not the service's.
 * Throws for a path that the service has, and a method that it has not.
 * @param {string} method
 * @param {string} path
 * @returns {Found | undefined}
 */
export function operationOf(method, path) {
  // A path without a name in it comes before one with: /folders/search before /folders/{id}.
  const route = routes
    .filter(({ pattern }) => pattern.test(path))
    .sort((one, other) => one.names.length - other.names.length)[0];
  if (route === undefined) return undefined;
  const operation = route.operations[method.toLowerCase()];
  if (operation === undefined) throw new Error(`${method} ${path}: the service has no such method here`);
  const values = route.pattern.exec(path)?.slice(1) ?? [];
  const params = Object.fromEntries(
    route.names.map((name, at) => [name, decodeURIComponent(values[at] ?? '')]),
  );
  return { operation, key: `${method} ${route.path}`, params };
}

/**
 * Throws when a request is not one that the service would take.
 * @param {Found} found
 * @param {URLSearchParams} query
 * @param {string} body
 */
export function checkRequest({ operation, key, params }, query, body) {
  for (const { name, in: where, required, schema } of operation.parameters ?? []) {
    const given = where === 'path' ? params[name] : where === 'query' ? query.get(name) : undefined;
    if (given === null || given === undefined) {
      if (required === true && where !== 'header') throw new Error(`${key}: ${name} is missing`);
      continue;
    }
    const check = checkerOf(schema);
    if (!check(given) && !check(Number(given)) && !check(given === 'true'))
      throw new Error(`${key}: ${name}=${String(given)}: ${ajv.errorsText(check.errors)}`);
  }
  const known = new Set(operation.parameters?.map(({ name }) => name));
  for (const name of query.keys()) if (!known.has(name)) throw new Error(`${key}: takes no ${name}`);
  const schema = operation.requestBody?.content?.['application/json']?.schema;
  if (schema !== undefined && body !== '') check(key, schema, parse(body));
}

/**
 * Throws when a response is not one that the service could give.
 * @param {Found} found
 * @param {number} status
 * @param {string} type the content type
 * @param {string} body
 */
export function checkResponse({ operation, key }, status, type, body) {
  const response = operation.responses[String(status)] ?? operation.responses['default'];
  if (response === undefined || (status < 400 && !(String(status) in operation.responses)))
    throw new Error(`${key}: never answers ${status}`);
  if (body === '') return;
  const schema = response.content?.[type]?.schema;
  if (schema === undefined) throw new Error(`${key}: never answers ${status} with ${type}`);
  if (type.endsWith('json')) check(key, schema, parse(body));
}

/**
 * Throws when a value is not of a schema of the file, such as an event of a stream.
 * @param {string} name
 * @param {unknown} value
 */
export function checkNamed(name, value) {
  const schema = named.get(name) ?? { $ref: `#/components/schemas/${name}` };
  named.set(name, schema);
  check(name, schema, value);
}

/** @param {string} where @param {object} schema @param {unknown} value */
function check(where, schema, value) {
  const valid = checkerOf(schema);
  if (!valid(value)) throw new Error(`${where}: ${ajv.errorsText(valid.errors)} in ${JSON.stringify(value)}`);
}
