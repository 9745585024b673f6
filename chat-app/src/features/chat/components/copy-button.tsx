import { useMutation } from '@tanstack/react-query';

import { Button } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import type { Turn } from '@/features/chat/conversation';
import { describeLocator } from '@/lib/locator';
import { t } from '@/lib/messages';
import type { Source } from '@/lib/wire';

/** Takes the answer along, with its sources spelled out under it. */
export function CopyButton({ turn, sources }: { turn: Turn; sources: Source[] }) {
  const copying = useMutation({ mutationFn: () => navigator.clipboard.writeText(asText(turn, sources)) });
  const label = copying.isError
    ? t('answer.copyFailed')
    : copying.isSuccess
      ? t('answer.copied')
      : t('answer.copy');
  return (
    <Button
      variant="quiet"
      className="-ms-2.5"
      onClick={() => {
        copying.mutate();
      }}
    >
      <Icon name={copying.isSuccess ? 'check' : 'copy'} />
      <span aria-live="polite">{label}</span>
    </Button>
  );
}

/** The answer as plain text that can be read without this page. */
export function asText(turn: Turn, sources: Source[]): string {
  const lines = sources.map((source) => {
    const place = describeLocator(source.locator);
    return `[${source.n}] ${source.file}${place && `, ${place}`}\n    ${source.link}`;
  });
  return [turn.answer.trim(), ...(lines.length > 0 ? [lines.join('\n')] : [])].join('\n\n');
}
