import { useEffect, useRef } from 'react';

import { CloseButton } from '@/components/ui/close-button';
import { SourceView } from '@/features/sources/components/source-view';
import { t } from '@/lib/messages';
import type { Source } from '@/lib/wire';

interface Props {
  source: Source;
  onClose: () => void;
}

/** The source beside the answer, on a screen wide enough for both. Opening it brings the keyboard along. */
export function SourcePane({ source, onClose }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
  }, [source]);

  return (
    <aside
      aria-labelledby="source-title"
      className="fade-in sticky top-0 h-dvh w-(--pane-width) shrink-0 border-s border-rule bg-sheet"
    >
      <SourceView
        source={source}
        title={
          <h2
            id="source-title"
            ref={heading}
            tabIndex={-1}
            className="leading-snug font-bold wrap-anywhere outline-none"
          >
            {source.file}
          </h2>
        }
        close={<CloseButton label={t('source.close')} onClick={onClose} />}
      />
    </aside>
  );
}
