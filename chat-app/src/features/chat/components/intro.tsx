import { t } from '@/lib/messages';

/** What stands above the box before the first question. */
export function Intro({ name }: { name: string }) {
  const first = name.split(' ')[0] ?? '';
  return (
    <div className="pb-7">
      <h1 className="text-3xl leading-tight font-extrabold tracking-tight text-balance sm:text-4xl">
        {first === '' ? t('intro.hello') : t('intro.helloName', { name: first })}
      </h1>
      <p className="mt-3 text-ink-soft">{t('intro.text')}</p>
    </div>
  );
}
