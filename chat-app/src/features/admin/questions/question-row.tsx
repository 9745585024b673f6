import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Button } from '@/components/ui/button';
import { ExternalLink } from '@/components/ui/external-link';
import { FEEDBACK_REASONS } from '@/config/feedback';
import { Loaded } from '@/features/admin/components/loaded';
import { duration, money } from '@/features/admin/format';
import { requestQueryOptions, type Line, type Question } from '@/features/admin/questions/get-questions';
import { formatInstant } from '@/lib/intl';
import { t } from '@/lib/messages';

/** One question, without who asked it: what became of it, how long it took and what it cost. */
export function QuestionRow({ line }: { line: Line }) {
  const { question, comment, at } = line;
  const [open, setOpen] = useState(false);
  const requestId = question?.request_id ?? '';
  return (
    <li className="py-3.5">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-1">
        <div className="min-w-0 flex-1 basis-72">
          <p className="font-semibold wrap-anywhere" dir="auto">
            {question === null ? t('admin.questions.deleted') : question.question}
          </p>
          {comment !== '' && (
            <p className="mt-1 border-s-3 border-rule ps-3 wrap-anywhere" dir="auto">
              {inWords(comment)}
            </p>
          )}
          <p className="mt-1 text-[0.9375rem] text-ink-soft tabular-nums">
            {[formatInstant(at), ...(question === null ? [] : said(question))].filter(Boolean).join(' · ')}
          </p>
        </div>
        {requestId !== '' && (
          <Button
            variant="quiet"
            aria-expanded={open}
            onClick={() => {
              setOpen(!open);
            }}
          >
            {t('admin.questions.request')}
          </Button>
        )}
      </div>
      {open && <KnownRequest requestId={requestId} />}
    </li>
  );
}

const said = (question: Question) => [
  question.declined && t('admin.questions.wasDeclined'),
  question.degraded && t('admin.questions.wasDegraded'),
  question.unsupported > 0 && t('admin.questions.sentences', { count: question.unsupported }),
  question.seconds !== null && duration(question.seconds),
  question.first_token_seconds !== null &&
    t('admin.questions.first', { seconds: duration(question.first_token_seconds) }),
  question.cost_dollars > 0 && money(question.cost_dollars),
  question.model,
];

/** Where to look further: the request's number, its log lines, its trace, its entries in the audit trail. */
function KnownRequest({ requestId }: { requestId: string }) {
  const known = useQuery(requestQueryOptions(requestId));
  return (
    <div className="mt-2 border-s-3 border-rule ps-4 text-[0.9375rem]">
      <p>
        {t('admin.questions.number')} <code className="font-mono break-all select-all">{requestId}</code>
      </p>
      <Loaded query={known} lines={2}>
        {({ logs, trace, audit }) => (
          <>
            <p className="mt-1 flex flex-wrap gap-x-5 gap-y-1">
              {logs !== '' && <ExternalLink href={logs} label={t('admin.questions.logs')} />}
              {trace !== '' && <ExternalLink href={trace} label={t('admin.questions.trace')} />}
            </p>
            {audit.map(({ seq, event, at }) => (
              <p key={seq} className="mt-1">
                <code className="font-mono">{event}</code>{' '}
                <span className="text-ink-soft">{formatInstant(at)}</span>
              </p>
            ))}
          </>
        )}
      </Loaded>
    </div>
  );
}

/** A comment with its reason as the person saw it, and their own words behind it. */
function inWords(comment: string): string {
  const reason = FEEDBACK_REASONS.find((one) => comment === one || comment.startsWith(`${one}: `));
  if (reason === undefined) return comment;
  const words = comment.slice(reason.length + 2);
  return [t(`feedback.reason.${reason}`), words].filter(Boolean).join(': ');
}
