import { useCitations } from '@/features/chat/citation-context';
import { hidePreview, showPreview } from '@/features/chat/preview';
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
    <button
      type="button"
      className="citation"
      aria-label={nameOf(source)}
      aria-expanded={openNumber === source.n}
      onPointerEnter={(event) => {
        if (event.pointerType === 'mouse') showPreview({ source, anchor: event.currentTarget }, 'pointer');
      }}
      onPointerLeave={() => {
        hidePreview();
      }}
      onFocus={(event) => {
        // A click brings the focus too, and opens the source itself.
        if (event.currentTarget.matches(':focus-visible'))
          showPreview({ source, anchor: event.currentTarget }, 'focus');
      }}
      onBlur={() => {
        hidePreview('now');
      }}
      onClick={() => {
        hidePreview('now');
        onOpen(source);
      }}
    >
      {source.n}
    </button>
  );
}
