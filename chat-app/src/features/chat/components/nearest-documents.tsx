import { ExternalLink } from '@/components/ui/external-link';
import type { NearestDocument } from '@/features/chat/api/ask';
import { t } from '@/lib/messages';

/** Where an answer might have stood. */
export function NearestDocuments({ documents }: { documents: NearestDocument[] }) {
  if (documents.length === 0) {
    return <p className="mt-3 text-ink-soft">{t('turn.noNearest')}</p>;
  }
  return (
    <div className="mt-5">
      <p className="text-[0.9375rem] text-ink-soft">{t('turn.nearest')}</p>
      <ul className="mt-2 divide-y divide-rule border-y border-rule">
        {documents.map((document) => (
          <li key={document.file_id} className="py-2.5">
            <ExternalLink href={document.link} label={document.file} />
          </li>
        ))}
      </ul>
    </div>
  );
}
