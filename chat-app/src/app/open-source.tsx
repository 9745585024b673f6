import { SourcePane } from '@/features/sources/components/source-pane';
import { SourceSheet } from '@/features/sources/components/source-sheet';
import { useMediaQuery } from '@/lib/use-media-query';
import type { Source } from '@/lib/wire';

interface Props {
  source: Source;
  onClose: () => void;
  returnFocus: () => HTMLElement | null;
}

/** A source, beside the answer where there is room, over it where there is not. */
export function OpenSource({ source, onClose, returnFocus }: Props) {
  const roomy = useMediaQuery('(min-width: 80rem)');
  return roomy ? (
    <SourcePane source={source} onClose={onClose} />
  ) : (
    <SourceSheet source={source} onClose={onClose} returnFocus={returnFocus} />
  );
}
