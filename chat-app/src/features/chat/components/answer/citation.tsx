import { PreviewCard } from '@base-ui/react/preview-card';

import { sourcePreview, useCitations } from '@/features/chat/citation-context';
import { describeLocator } from '@/lib/locator';
import { t } from '@/lib/messages';
import type { Source } from '@/lib/wire';

/** How a source is read out. */
export const nameOf = (source: Source): string =>
  [t('sources.name', { n: source.n, file: source.file }), describeLocator(source.locator)]
    .filter(Boolean)
    .join(', ');

/** The number of a source in a sentence: shows its quote on hover and focus, opens it on click. */
export function Citation({ source }: { source: Source }) {
  const { openNumber, onOpen } = useCitations();
  return (
    <PreviewCard.Trigger
      handle={sourcePreview}
      payload={source}
      delay={250}
      closeDelay={120}
      className="citation"
      aria-label={nameOf(source)}
      aria-expanded={openNumber === source.n}
      render={<button type="button" />}
      onClick={() => {
        sourcePreview.close();
        onOpen(source);
      }}
    >
      {source.n}
    </PreviewCard.Trigger>
  );
}
