import { Wordmark } from '@/components/ui/wordmark';
import { SignInLink } from '@/features/auth/components/sign-in-link';
import { t } from '@/lib/messages';

/** What a stranger sees: what this is, shown once, and the one way in. */
export function SignedOutPage() {
  return (
    <main id="main" className="mx-auto flex min-h-dvh w-full max-w-6xl flex-col px-5 py-4 sm:px-8">
      <Wordmark />
      <div className="my-auto grid items-center gap-x-20 gap-y-14 py-12 pane:grid-cols-[1fr_26rem]">
        <div>
          <h1 className="text-4xl leading-[1.1] font-extrabold tracking-tight text-balance sm:text-5xl">
            <span className="block">{t('signedOut.title.first')}</span> {t('signedOut.title.second')}
          </h1>
          <p className="mt-5 mb-9 max-w-[34rem] text-lg text-ink-soft">{t('signedOut.text')}</p>
          <SignInLink label={t('signedOut.signIn')} />
        </div>
        <Specimen />
      </div>
    </main>
  );
}

/** One answer and the line it comes from, as print: nothing here can be clicked. */
function Specimen() {
  return (
    <figure aria-label={t('specimen.label')} className="text-[0.9375rem]">
      <div className="border-t-2 border-ink pt-4">
        <p className="text-lg font-bold">{t('specimen.question')}</p>
        <p className="answer mt-3">
          {t('specimen.answer')}
          <span className="citation" aria-hidden="true">
            1
          </span>
        </p>
      </div>
      <div className="mt-8 border border-rule bg-sheet p-5">
        <p className="font-bold">{t('specimen.file')}</p>
        <p className="text-sm text-ink-soft">{t('specimen.place')}</p>
        <p className="passage mt-4 leading-relaxed text-ink-soft">
          {t('specimen.before')} <mark className="text-ink">{t('specimen.marked')}</mark>{' '}
          {t('specimen.after')}
        </p>
      </div>
    </figure>
  );
}
