import type { ReactNode } from 'react';

import { ExternalLink } from '@/components/ui/external-link';
import { PassageList } from '@/features/sources/components/passage-list';
import { describeLocator } from '@/lib/locator';
import { t } from '@/lib/messages';
import type { Source } from '@/lib/wire';

interface Props {
  source: Source;
  title: ReactNode;
  close: ReactNode;
}

/** A source in its document: what file, what place, and the words. */
export function SourceView({ source, title, close }: Props) {
  return (
    <div className="flex h-full flex-col">
      <header className="border-b border-rule px-5 pt-4 pb-4">
        <div className="flex items-start gap-3">
          <span className="citation m-0 mt-1 text-[0.9375rem]" aria-hidden="true">
            {source.n}
          </span>
          <div className="min-w-0 flex-1 pt-0.5">
            {title}
            <p className="text-[0.9375rem] text-ink-soft wrap-anywhere">{describeLocator(source.locator)}</p>
          </div>
          {close}
        </div>
        {source.superseded_by && (
          <p className="mt-2 border-s-3 border-danger ps-3 text-[0.9375rem]" dir="auto">
            {t('sources.superseded', { file: source.superseded_by })}
          </p>
        )}
        <p className="mt-3">
          <ExternalLink href={source.link} label={t('source.drive')} />
        </p>
      </header>
      {/* A scrolling region needs the keyboard as well as the wheel. */}
      <div
        data-scroller
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-5 py-5"
        tabIndex={0}
        role="group"
        aria-label={t('source.text')}
      >
        <PassageList key={source.passage_id} source={source} />
      </div>
    </div>
  );
}
