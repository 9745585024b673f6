/** The longest question the service takes, in characters (Unicode code points, as the service counts). */
export const QUESTION_LIMIT = 1000;

/** From here on the person is told how much room is left. */
export const QUESTION_NEARLY_FULL = 850;

/** How long an ordinary request may take. */
export const REQUEST_TIMEOUT_MS = 20_000;

/** How long an answer's stream may be silent (the service pings well within) before it counts as broken. */
export const STREAM_SILENCE_MS = 60_000;

/** How often streamed text reaches the screen: fast enough to look alive, rare enough to stay smooth. */
export const PAINT_INTERVAL_MS = 40;
