/** Shapes of questions that work, for a person who has not asked before. */
export const SUGGESTIONS = [
  'How many days of annual leave do I get?',
  'What may a hotel cost per night on a business trip?',
  'Who decides, and by when, in the latest meeting notes?',
] as const;
