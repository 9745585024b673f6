import { Citation } from '@/features/chat/components/answer/citation';
import { useCitations } from '@/features/chat/citation-context';
import { t } from '@/lib/messages';
import type { Contradiction } from '@/lib/wire';

/** Sources that say the same thing with another number or date, side by side: the person decides which holds. */
export function Conflicts({ conflicts }: { conflicts: Contradiction[] }) {
  const { byNumber } = useCitations();
  const known = conflicts.flatMap((conflict) => {
    const first = byNumber.get(conflict.first);
    const second = byNumber.get(conflict.second);
    return first && second ? [{ ...conflict, sides: [first, second] }] : [];
  });
  if (known.length === 0) return null;
  return (
    <section aria-label={t('conflicts.title')} className="mt-5 border-s-3 border-danger ps-4">
      <p className="font-bold">{t('conflicts.title')}</p>
      <p className="text-[0.9375rem] text-ink-soft">{t('conflicts.text')}</p>
      {known.map(({ first, second, first_says, second_says, sides }) => (
        <ul key={`${first}-${second}`} className="answer mt-3 grid list-none gap-2 ps-0 sm:grid-cols-2">
          {[first_says, second_says].map((says, at) => {
            const source = sides[at];
            return (
              <li key={at} className="border border-rule bg-sheet px-3 py-2 text-[0.9375rem]">
                <span className="block text-sm text-ink-soft" dir="auto">
                  {source?.file}
                </span>
                <span dir="auto">{says}</span> {source && <Citation source={source} />}
              </li>
            );
          })}
        </ul>
      ))}
    </section>
  );
}
