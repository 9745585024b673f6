/** What can be wrong with an answer; a comment begins with one of them, then come the person's own words. */
export const FEEDBACK_REASONS = ['wrong', 'missing', 'outdated', 'source'] as const;
