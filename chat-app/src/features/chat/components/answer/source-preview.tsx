import { PreviewCard } from '@base-ui/react/preview-card';
import { useState } from 'react';

import { sourcePreview } from '@/features/chat/citation-context';
import { describeLocator } from '@/lib/locator';

/** The quote behind a number, floating at it. */
export function SourcePreview() {
  // The popup stays within the page's landmark, where a screen reader expects it.
  const [host, setHost] = useState<HTMLElement | null>(null);
  return (
    <>
      <div ref={setHost} />
      <PreviewCard.Root handle={sourcePreview}>
        {({ payload: source }) => (
          <PreviewCard.Portal container={host}>
            <PreviewCard.Positioner className="z-10" sideOffset={8} collisionPadding={12}>
              <PreviewCard.Popup className="popup w-80 max-w-(--available-width) p-4 text-[0.9375rem]">
                {source && (
                  <>
                    <p className="font-bold wrap-anywhere">{source.file}</p>
                    <p className="text-sm text-ink-soft">{describeLocator(source.locator)}</p>
                    <p className="passage mt-3 line-clamp-6 leading-relaxed" dir="auto">
                      <mark>{source.quote}</mark>
                    </p>
                  </>
                )}
              </PreviewCard.Popup>
            </PreviewCard.Positioner>
          </PreviewCard.Portal>
        )}
      </PreviewCard.Root>
    </>
  );
}
