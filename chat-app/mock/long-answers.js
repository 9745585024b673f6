/** Answers of thousands of tokens, in the shapes that a page finds hard: what must stream in without stalling it. */

/** @type {Record<string, (at: number) => string>} the text of the token at a place, by shape */
const SHAPES = {
  paragraphs: (at) =>
    at % 50 === 49 ? ' night [1].\n\n' : at % 10 === 9 ? ' **140 EUR** [1],' : ` word${at}`,
  paragraph: (at) => (at % 25 === 24 ? ' night [1].' : at % 10 === 9 ? ' **140 EUR** [1],' : ` word${at}`),
  list: (at) => (at % 10 === 0 ? `\n- item ${at}` : at % 10 === 9 ? ' costs **140 EUR** [1].' : ` word${at}`),
  table: (at) =>
    at === 0
      ? '\n\n| Place | Price | Source |\n|---|--:|---|\n'
      : at % 4 === 0
        ? ' [1] |\n'
        : at % 4 === 1
          ? '| Lisbon '
          : ` ${at} |`.slice(at % 4 === 2 ? 0 : 1),
  code: (at) => (at === 0 ? '\n```\n' : at % 10 === 9 ? '\n' : ` word${at}`),
};

/** Words of the shapes, to ask for one. */
export const LONG_SHAPES = Object.keys(SHAPES);

/**
 * The tokens that a question asks for, such as "Write 5000 tokens as table"; none for another question.
 * @param {string} question
 */
export function longAnswer(question) {
  const [, count, shape = 'paragraphs'] = /\b([\d,]+) tokens(?: as (\w+))?/.exec(question) ?? [];
  const tokenAt = SHAPES[shape];
  if (count === undefined || tokenAt === undefined) return [];
  return Array.from({ length: Number(count.replace(',', '')) }, (_, at) => ({
    event: 'token',
    data: { text: tokenAt(at) },
  }));
}
