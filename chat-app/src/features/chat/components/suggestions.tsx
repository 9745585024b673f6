import { useQuery } from '@tanstack/react-query';

import { Icon } from '@/components/ui/icon';
import { suggestionsQueryOptions, type Suggestion } from '@/features/chat/api/get-suggestions';
import type { ChosenScope } from '@/features/chat/scope';
import { t } from '@/lib/messages';

interface Props {
  scope: ChosenScope;
  onChoose: (suggestion: Suggestion) => void;
}

/** How many there are as a rule, so that the list keeps its place while it comes. */
const USUAL = 4;

/** Questions that the person's own documents speak to. Choosing one writes it into the box, where it can be changed. */
export function Suggestions({ scope, onChoose }: Props) {
  const suggested = useQuery(suggestionsQueryOptions(scope));
  if (suggested.isError || suggested.data?.length === 0) return null;
  return (
    <section aria-labelledby="suggestions" className="mt-8">
      <h2 id="suggestions" className="text-[0.9375rem] text-ink-soft">
        {t('suggestions.title')}
      </h2>
      <ul className="mt-2 divide-y divide-rule border-y border-rule" aria-busy={suggested.isPending}>
        {suggested.data === undefined
          ? Array.from({ length: USUAL }, (_, at) => (
              <li key={at} className="flex min-h-14 items-center px-1" aria-hidden="true">
                <span className="skeleton h-4 w-3/5" />
              </li>
            ))
          : suggested.data.map((suggestion) => (
              <li key={suggestion.question + suggestion.file_id}>
                <button
                  type="button"
                  className="group flex min-h-14 w-full items-center justify-between gap-4 px-1 py-1.5 text-start hover:bg-sheet"
                  onClick={() => {
                    onChoose(suggestion);
                  }}
                >
                  <span className="min-w-0">
                    <span className="block" dir="auto">
                      {suggestion.question}
                    </span>
                    <span className="block truncate text-sm text-ink-soft" dir="auto">
                      {suggestion.file}
                    </span>
                  </span>
                  <Icon name="next" className="size-4 text-ink-soft group-hover:text-ink rtl:rotate-180" />
                </button>
              </li>
            ))}
      </ul>
    </section>
  );
}
