/**
 * The shapes more than one feature reads off the wire. Their types are generated from the functions' OpenAPI
 * (wire.gen.ts, `npm run wire`); what is read is checked when it comes. Fields we do not know are dropped, not refused.
 */
import * as v from 'valibot';

import type { components } from '@/lib/wire.gen';

/** What the service says it sends and takes, by the names of its OpenAPI. */
export type Wire = components['schemas'];

/** A field that may be left out or null. */
export const absent = <S extends v.GenericSchema>(schema: S) => v.optional(v.nullable(schema), null);

/**
 * The schema itself. Does not compile when the service's `Wire` type would not pass it: a field that the service may
 * leave out, or sends with another type.
 */
export const reads =
  // The one name is what the compiler is asked to hold against the schema.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  <Sent>() =>
    <S extends v.GenericSchema>(schema: Sent extends v.InferInput<S> ? S : never): S =>
      schema;

export const locatorSchema = reads<Wire['Place']>()(
  v.object({
    page: absent(v.number()),
    slide: absent(v.number()),
    sheet: absent(v.string()),
    range: absent(v.string()),
    heading: absent(v.string()),
    part: absent(v.string()),
  }),
);

/** Where in a file a passage stands; null says the field does not apply. */
export type Locator = v.InferOutput<typeof locatorSchema>;

export const sourceSchema = reads<Wire['Source']>()(
  v.object({
    n: v.pipe(v.number(), v.integer(), v.minValue(1)),
    file_id: v.string(),
    file: v.string(),
    locator: locatorSchema,
    quote: v.string(),
    link: v.string(),
    passage_id: v.string(),
    superseded_by: v.optional(v.nullable(v.string()), ''),
  }),
);

/** A passage an answer may cite as [n]. */
export type Source = v.InferOutput<typeof sourceSchema>;

/** A stretch of an answer, in characters (Unicode code points, as the service counts). */
export const stretchSchema = reads<Wire['Stretch']>()(v.object({ start: v.number(), end: v.number() }));

/** Two sources, by number, that say the same thing with another number or date. */
export const contradictionSchema = reads<Wire['Contradiction']>()(
  v.object({ first: v.number(), second: v.number(), first_says: v.string(), second_says: v.string() }),
);

export type Contradiction = v.InferOutput<typeof contradictionSchema>;

export type Stretch = v.InferOutput<typeof stretchSchema>;

export const problemSchema = reads<Wire['Problem']>()(
  v.object({
    type: v.optional(v.string(), 'about:blank'),
    title: v.string(),
    status: v.optional(v.number(), 0),
    detail: v.optional(v.nullable(v.string()), ''),
    request_id: v.optional(v.nullable(v.string()), ''),
  }),
);

/** What went wrong, as RFC 9457 says it. Status 0 says that no answer came at all. */
export type Problem = v.InferOutput<typeof problemSchema>;
