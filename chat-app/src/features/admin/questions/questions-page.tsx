import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';

import { buttonClass } from '@/components/ui/button';
import { Choices } from '@/components/ui/choices';
import { Icon } from '@/components/ui/icon';
import { AdminPage } from '@/features/admin/components/admin-page';
import { Loaded } from '@/features/admin/components/loaded';
import { MoreButton } from '@/features/admin/components/more-button';
import { Select } from '@/features/admin/components/select';
import { adminPaths } from '@/features/admin/paths';
import { KINDS, questionsQueryOptions } from '@/features/admin/questions/get-questions';
import { QuestionRow } from '@/features/admin/questions/question-row';
import { formatNumber } from '@/lib/intl';
import { t } from '@/lib/messages';

const DAYS = ['7', '30', '90', '365'] as const;

/** Where Docent did not help: what it could not answer, what people did not like, what was slow or dear. */
export function QuestionsPage() {
  const [search, setSearch] = useSearchParams();
  const kind = KINDS.find((one) => one === search.get('kind')) ?? 'unanswered';
  const days = DAYS.find((one) => one === search.get('days')) ?? '30';
  const found = useInfiniteQuery(questionsQueryOptions(kind, Number(days)));
  return (
    <AdminPage title={t('admin.questions')} text={t('admin.questions.text')}>
      <Choices
        legend={t('admin.questions.which')}
        value={kind}
        choices={KINDS.map((value) => ({ value, text: t(`admin.questions.${value}`) }))}
        onChoose={(chosen) => {
          setSearch({ kind: chosen, days }, { replace: true });
        }}
      />
      <div className="my-5 flex flex-wrap items-end gap-4">
        {kind === 'down' ? (
          <a href={adminPaths.cases} download className={buttonClass('outline')}>
            <Icon name="download" />
            {t('admin.questions.cases')}
          </a>
        ) : (
          <Select
            label={t('admin.questions.since')}
            value={days}
            options={DAYS.map((value) => ({
              value,
              text: formatNumber(Number(value), { style: 'unit', unit: 'day', unitDisplay: 'long' }),
            }))}
            onChange={(chosen) => {
              setSearch({ kind, days: chosen }, { replace: true });
            }}
          />
        )}
      </div>
      <Loaded query={found} lines={6}>
        {({ pages }) => {
          const lines = pages.flatMap((page) => page.lines);
          if (lines.length === 0) return <p className="text-ink-soft">{t('admin.questions.none')}</p>;
          return (
            <>
              <ul className="divide-y divide-rule border-y border-rule">
                {lines.map((line) => (
                  <QuestionRow key={line.key} line={line} />
                ))}
              </ul>
              <MoreButton pages={found} />
            </>
          );
        }}
      </Loaded>
    </AdminPage>
  );
}
