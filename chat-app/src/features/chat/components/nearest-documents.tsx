import { ExternalLink } from '@/components/ui/external-link';
import type { NearestDocument } from '@/features/chat/api/ask';

/** Where an answer might have stood. */
export function NearestDocuments({ documents }: { documents: NearestDocument[] }) {
  if (documents.length === 0) {
    return (
      <p className="mt-3 text-ink-soft">Other words may help, or a question about one fact at a time.</p>
    );
  }
  return (
    <div className="mt-5">
      <p className="text-[0.9375rem] text-ink-soft">The nearest documents you can open:</p>
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
