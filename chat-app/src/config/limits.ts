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

/** The most text that reaches the screen at once, so that an answer which comes all at once does not hold the page up. */
export const PAINT_CHARACTERS = 1500;

/** Where the browser draws no frames, as in a tab nobody sees, text is painted after so long. */
export const PAINT_AT_LATEST_MS = 250;

/** The longest comment on an answer; the service takes 1,000, and the reason stands before it. */
export const FEEDBACK_LIMIT = 900;

/** The longest title of a conversation. */
export const TITLE_LIMIT = 120;

/** How long an erasure may take: it goes through every store. */
export const ERASURE_TIMEOUT_MS = 120_000;

/** The longest text that is searched for. */
export const SEARCH_LIMIT = 100;
