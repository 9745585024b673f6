import { lazy, Suspense, useSyncExternalStore } from 'react';

import { currentPreview, onPreview } from '@/features/chat/preview';

const PreviewPopup = lazy(async () => ({
  default: (await import('@/features/chat/components/answer/preview-popup')).PreviewPopup,
}));

/** The quote behind a number, floating at it. */
export function SourcePreview() {
  const previewed = useSyncExternalStore(onPreview, currentPreview);
  return <Suspense>{previewed && <PreviewPopup previewed={previewed} />}</Suspense>;
}
