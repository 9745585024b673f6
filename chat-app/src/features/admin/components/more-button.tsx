import { Button } from '@/components/ui/button';
import { t } from '@/lib/messages';

interface Props {
  pages: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

/** The next page of a long list, put behind what is shown. */
export function MoreButton({ pages }: Props) {
  if (!pages.hasNextPage) return null;
  return (
    <Button
      variant="outline"
      className="mt-4"
      aria-disabled={pages.isFetchingNextPage}
      onClick={() => {
        if (!pages.isFetchingNextPage) pages.fetchNextPage();
      }}
    >
      {t('app.more')}
    </Button>
  );
}
