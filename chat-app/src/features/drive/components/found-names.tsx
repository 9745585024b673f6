import { keepPreviousData, useQuery } from '@tanstack/react-query';

import { ProblemNote } from '@/components/ui/problem-note';
import { Skeleton } from '@/components/ui/skeleton';
import { namedQueryOptions } from '@/features/drive/api/get-folder';
import type { Choose } from '@/features/drive/choose';
import { TreeItems } from '@/features/drive/components/tree-items';
import { t } from '@/lib/messages';
import { asProblem } from '@/lib/problem';

interface Props {
  words: string;
  chosenId: string;
  onChoose: Choose;
}

/** Folders and files whose names have words that begin so. */
export function FoundNames({ words, chosenId, onChoose }: Props) {
  const found = useQuery({ ...namedQueryOptions(words), placeholderData: keepPreviousData });
  if (found.isPending) return <Skeleton label={t('app.loading')} lines={4} />;
  if (found.isError) return <ProblemNote problem={asProblem(found.error)} />;
  return (
    <>
      <p role="status" className="sr-only">
        {t('drive.found', { count: found.data.length })}
      </p>
      {found.data.length === 0 && <p className="p-2 text-ink-soft">{t('drive.nothingFound')}</p>}
      <TreeItems items={found.data} chosenId={chosenId} onChoose={onChoose} />
    </>
  );
}
