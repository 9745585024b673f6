/** The shapes more than one feature reads off the wire. Fields we do not know are dropped, not refused. */
import * as v from 'valibot';

const absent = <S extends v.GenericSchema>(schema: S) => v.optional(v.nullable(schema), null);

export const locatorSchema = v.object({
  page: absent(v.number()),
  slide: absent(v.number()),
  sheet: absent(v.string()),
  range: absent(v.string()),
  heading: absent(v.string()),
  part: absent(v.string()),
});

/** Where in a file a passage stands; null says the field does not apply. */
export type Locator = v.InferOutput<typeof locatorSchema>;

export const sourceSchema = v.object({
  n: v.pipe(v.number(), v.integer(), v.minValue(1)),
  file_id: v.string(),
  file: v.string(),
  locator: locatorSchema,
  quote: v.string(),
  link: v.string(),
  passage_id: v.string(),
});

/** A passage an answer may cite as [n]. */
export type Source = v.InferOutput<typeof sourceSchema>;

export const problemSchema = v.object({
  type: v.optional(v.string(), 'about:blank'),
  title: v.string(),
  status: v.optional(v.number(), 0),
  detail: v.optional(v.nullable(v.string()), ''),
  request_id: v.optional(v.nullable(v.string()), ''),
});

/** What went wrong, as RFC 9457 says it. Status 0 says that no answer came at all. */
export type Problem = v.InferOutput<typeof problemSchema>;
