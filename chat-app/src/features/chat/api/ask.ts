import * as v from 'valibot';

import { STREAM_SILENCE_MS } from '@/config/limits';
import { paths } from '@/config/paths';
import { send } from '@/lib/api-client';
import { ApiError } from '@/lib/problem';
import { readEvents, StreamSilent } from '@/lib/sse';
import {
  absent,
  contradictionSchema,
  problemSchema,
  reads,
  sourceSchema,
  stretchSchema,
  type Wire,
} from '@/lib/wire';

/** What is asked. Fields that do not narrow the question are left out. */
export type Question = Wire['Ask'];

const nearestSchema = reads<Wire['Near']>()(
  v.object({ file_id: v.string(), file: v.string(), link: v.string() }),
);

/** A document that is near a question without answering it. */
export type NearestDocument = v.InferOutput<typeof nearestSchema>;

const eventSchemas = {
  meta: reads<Wire['Meta']>()(
    v.object({
      conversation_id: v.string(),
      request_id: v.optional(v.nullable(v.string()), ''),
      question: v.optional(v.nullable(v.string()), ''),
      message_id: v.optional(v.nullable(v.string()), ''),
    }),
  ),
  sources: v.array(sourceSchema),
  token: reads<Wire['Token']>()(v.object({ text: v.string(), unsupported: v.optional(v.boolean(), false) })),
  done: reads<Wire['Done']>()(
    v.object({
      declined: v.optional(v.boolean(), false),
      degraded: v.optional(v.boolean(), false),
      computed: v.optional(v.boolean(), false),
      nearest: v.optional(v.nullable(v.array(nearestSchema)), []),
      unsupported: v.optional(v.nullable(v.array(stretchSchema)), []),
      conflicts: v.optional(v.nullable(v.array(contradictionSchema)), []),
      whole: absent(v.object({ read: v.number(), of: v.number() })),
    }),
  ),
  error: problemSchema,
};

type EventSchemas = typeof eventSchemas;

/** One step of an answer, as the service tells it. */
export type AnswerEvent = {
  [Name in keyof EventSchemas]: { name: Name; data: v.InferOutput<EventSchemas[Name]> };
}[keyof EventSchemas];

/** Thrown when an answer breaks off: the stream ended without `done` or `error`, fell silent, or was cut. */
export class AnswerCutOff extends Error {
  override name = 'AnswerCutOff';
}

/**
 * Asks, and yields the answer's events up to and with `done` or `error`.
 * Throws ApiError when the service refuses, ValiError when an event has another shape, AnswerCutOff when the answer
 * breaks off, and the signal's reason when it is aborted. It never asks twice: an answer costs, so the person decides.
 */
export async function* ask(
  question: Question,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent, void, undefined> {
  const response = await send(paths.chat, {
    method: 'POST',
    headers: { Accept: 'text/event-stream', 'Content-Type': 'application/json' },
    body: JSON.stringify(question),
    signal,
  });
  try {
    if (response.body) {
      for await (const { name, data } of readEvents(response.body, STREAM_SILENCE_MS)) {
        const event = parseEvent(name, data);
        if (event === undefined) continue;
        yield event;
        if (event.name === 'done' || event.name === 'error') return;
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof v.ValiError || error instanceof ApiError) throw error;
    throw new AnswerCutOff(error instanceof StreamSilent ? 'silent' : 'cut', { cause: error });
  }
  signal.throwIfAborted();
  throw new AnswerCutOff('ended early');
}

const isKnown = (name: string): name is keyof EventSchemas => Object.hasOwn(eventSchemas, name);

function parseEvent(name: string, data: string): AnswerEvent | undefined {
  if (!isKnown(name)) return undefined;
  const schema = v.pipe(v.string(), v.parseJson(), eventSchemas[name] as v.GenericSchema);
  return { name, data: v.parse(schema, data) } as AnswerEvent;
}
