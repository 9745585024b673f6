import { buttonClass } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import { Section } from '@/components/ui/section';
import { paths } from '@/config/paths';
import { t } from '@/lib/messages';

/** Whether Docent can ask Drive what the person may open, and the way to mend it. */
export function DriveGrant({ state }: { state: 'live' | 'dead' | 'missing' }) {
  return (
    <Section title={t('grant.title')} text={t('grant.text')}>
      <p className="flex items-start gap-2.5">
        <Icon name={state === 'live' ? 'check' : 'close'} className="mt-0.5 size-5" />
        <span>
          <strong className="block">{t(`grant.${state}.title`)}</strong>
          <span className="text-ink-soft">{t(`grant.${state}.text`)}</span>
        </span>
      </p>
      {state !== 'live' && (
        <a className={buttonClass('outline', 'mt-4')} href={paths.login(location.pathname)}>
          {t('grant.renew')}
        </a>
      )}
    </Section>
  );
}
