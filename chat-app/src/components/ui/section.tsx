import { useId, type ReactNode } from 'react';

interface Props {
  title: string;
  /** What the section is about, in a sentence. */
  text?: string;
  children: ReactNode;
}

/** A part of a page, under a heading and a line. */
export function Section({ title, text, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="mt-10 border-t border-rule pt-6">
      <h2 id={id} className="text-xl font-bold">
        {title}
      </h2>
      {text !== undefined && <p className="mt-1 max-w-prose text-ink-soft">{text}</p>}
      <div className="mt-5">{children}</div>
    </section>
  );
}
