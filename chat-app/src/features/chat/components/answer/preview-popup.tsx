import { PreviewCard } from '@base-ui/react/preview-card';
import { useState } from 'react';

import { hidePreview, holdPreview, type Previewed } from '@/features/chat/preview';
import { describeLocator } from '@/lib/locator';
import { t } from '@/lib/messages';

/** A source's quote, at its number. */
export function PreviewPopup({ previewed: { source, anchor } }: { previewed: Previewed }) {
  // The popup stays within the page's landmark, where a screen reader expects it.
  const [host, setHost] = useState<HTMLElement | null>(null);
  return (
    <>
      <div ref={setHost} />
      <PreviewCard.Root
        open
        onOpenChange={(open) => {
          if (!open) hidePreview('now');
        }}
      >
        <PreviewCard.Portal container={host}>
          <PreviewCard.Positioner anchor={anchor} className="z-10" sideOffset={8} collisionPadding={12}>
            <PreviewCard.Popup
              className="popup w-80 max-w-(--available-width) p-4 text-[0.9375rem]"
              onPointerEnter={holdPreview}
              onPointerLeave={() => {
                hidePreview();
              }}
            >
              <p className="font-bold wrap-anywhere">{source.file}</p>
              <p className="text-sm text-ink-soft">{describeLocator(source.locator)}</p>
              {source.superseded_by && (
                <p className="text-sm text-danger">
                  {t('sources.superseded', { file: source.superseded_by })}
                </p>
              )}
              <p className="passage mt-3 line-clamp-6 leading-relaxed" dir="auto">
                <mark>{source.quote}</mark>
              </p>
            </PreviewCard.Popup>
          </PreviewCard.Positioner>
        </PreviewCard.Portal>
      </PreviewCard.Root>
    </>
  );
}
