import { PageTitle } from '@/components/ui/page-title';
import type { Choose } from '@/features/drive/choose';
import { DriveBrowser } from '@/features/drive/components/drive-browser';
import { t } from '@/lib/messages';

interface Props {
  chosenId: string;
  onChoose: Choose;
}

/** What there is to ask: the person's own part of Drive. */
export function DrivePage({ chosenId, onChoose }: Props) {
  return (
    <main id="main" className="page" tabIndex={-1}>
      <PageTitle text={t('page.drive')} />
      <h1 className="page-heading">{t('drive.title')}</h1>
      <p className="mt-2 mb-6 max-w-prose text-ink-soft">{t('drive.text')}</p>
      <DriveBrowser chosenId={chosenId} onChoose={onChoose} />
    </main>
  );
}
