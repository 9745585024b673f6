/** What stands above the box before the first question. */
export function Intro({ name }: { name: string }) {
  const first = name.split(' ')[0] ?? '';
  return (
    <div className="pb-7">
      <h1 className="text-3xl leading-tight font-extrabold tracking-tight text-balance sm:text-4xl">
        {first === '' ? 'What would you like to know?' : `What would you like to know, ${first}?`}
      </h1>
      <p className="mt-3 text-ink-soft">
        Answers come only from files you can open in Google Drive, and each names the place it comes from.
      </p>
    </div>
  );
}
