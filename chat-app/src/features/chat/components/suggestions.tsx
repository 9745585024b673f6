import { Icon } from '@/components/ui/icon';
import { t } from '@/lib/messages';

const SUGGESTIONS = ['suggestions.leave', 'suggestions.hotel', 'suggestions.minutes'] as const;

/** Questions to begin with. Choosing one writes it into the box, where it can be changed. */
export function Suggestions({ onChoose }: { onChoose: (question: string) => void }) {
  return (
    <section aria-labelledby="suggestions" className="mt-8">
      <h2 id="suggestions" className="text-[0.9375rem] text-ink-soft">
        {t('suggestions.title')}
      </h2>
      <ul className="mt-2 divide-y divide-rule border-y border-rule">
        {SUGGESTIONS.map((key) => t(key)).map((question) => (
          <li key={question}>
            <button
              type="button"
              className="group flex min-h-12 w-full items-center justify-between gap-4 px-1 py-2 text-start hover:bg-sheet"
              onClick={() => {
                onChoose(question);
              }}
            >
              {question}
              <Icon name="next" className="size-4 text-ink-soft group-hover:text-ink" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
