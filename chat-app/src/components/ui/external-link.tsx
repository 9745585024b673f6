import { Icon } from '@/components/ui/icon';
import { t } from '@/lib/messages';
import { safeLink } from '@/lib/safe-link';

interface Props {
  href: string;
  label: string;
}

/** A link that opens elsewhere, in its own tab. An address that is not of the web leaves only the words. */
export function ExternalLink({ href, label }: Props) {
  const address = safeLink(href);
  if (address === undefined) return <span className="wrap-anywhere">{label}</span>;
  return (
    <a
      href={address}
      target="_blank"
      rel="noreferrer"
      className="inline-flex items-center gap-1.5 font-semibold text-accent underline decoration-1 underline-offset-3 wrap-anywhere hover:text-accent-hover hover:decoration-2"
    >
      {label}
      <Icon name="external" className="size-4" />
      <span className="sr-only">{t('app.newTab')}</span>
    </a>
  );
}
