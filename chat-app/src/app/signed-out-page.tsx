import { Wordmark } from '@/components/ui/wordmark';
import { SignInLink } from '@/features/auth/components/sign-in-link';

/** What a stranger sees: what this is, shown once, and the one way in. */
export function SignedOutPage() {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-6xl flex-col px-5 py-4 sm:px-8">
      <Wordmark />
      <div className="my-auto grid items-center gap-x-20 gap-y-14 py-12 pane:grid-cols-[1fr_26rem]">
        <div>
          <h1 className="text-4xl leading-[1.1] font-extrabold tracking-tight text-balance sm:text-5xl">
            <span className="block">Ask your documents.</span> See where the answer stands.
          </h1>
          <p className="mt-5 mb-9 max-w-[34rem] text-lg text-ink-soft">
            Docent answers from your organisation’s Google Drive, with a source for every sentence. You see
            only what Drive already lets you open.
          </p>
          <SignInLink label="Sign in with Google" />
        </div>
        <Specimen />
      </div>
    </main>
  );
}

/** One answer and the line it comes from, as print: nothing here can be clicked. */
function Specimen() {
  return (
    <figure aria-label="An example of an answer and its source" className="text-[0.9375rem]">
      <div className="border-t-2 border-ink pt-4">
        <p className="text-lg font-bold">How much is the daily allowance in Lisbon?</p>
        <p className="answer mt-3">
          48 euros a day; on the day you leave and the day you return, half of it.
          <span className="citation" aria-hidden="true">
            1
          </span>
        </p>
      </div>
      <div className="mt-8 border border-rule bg-sheet p-5">
        <p className="font-bold">Travel and expenses.pdf</p>
        <p className="text-sm text-ink-soft">Page 3 · Allowances</p>
        <p className="passage mt-4 leading-relaxed text-ink-soft">
          Meals are covered by a flat rate, without receipts.{' '}
          <mark className="text-ink">Portugal: 48 EUR per full day, 24 EUR on days of travel.</mark> Breakfast
          in the hotel’s price is deducted at 20 percent.
        </p>
      </div>
    </figure>
  );
}
