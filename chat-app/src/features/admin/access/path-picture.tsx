import type { AccessStep } from '@/features/admin/access/get-access';
import { kindOf, nameOf, type StepKind } from '@/features/admin/access/path-in-words';
import { t } from '@/lib/messages';

const DRAWN: Record<StepKind, string> = {
  person: 'M10 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6M4 16.5c.5-3 3-4.5 6-4.5s5.5 1.5 6 4.5',
  group:
    'M7 5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5M2.5 15.5c.4-2.5 2.2-3.7 4.5-3.7s4.1 1.2 4.5 3.7M13 5.5a2.2 2.2 0 1 1 0 4.4M14 12.2c1.9.3 3.2 1.4 3.5 3.3',
  domain: 'M4 16.5V5.5l6-2.5 6 2.5v11zM8 16.5v-3h4v3M7.5 8h.01M12.5 8h.01M7.5 10.5h.01M12.5 10.5h.01',
  anyone: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M3.5 8h13M3.5 12h13M10 3c-4 4-4 10 0 14M10 3c4 4 4 10 0 14',
  folder: 'M3 6.5V15.5h14V7.5h-7.5L8 5H3z',
  file: 'M5.5 3.5h6l3.5 3.5v9.5h-9.5zM11.5 3.5v3.5H15',
  shortcut: 'M5.5 3.5h6l3.5 3.5v9.5h-9.5zM8 13.5c0-2.5 1-3.5 4-3.5M10.5 8l2 2-2 2',
};

interface Props {
  steps: readonly AccessStep[];
  /** Whether this way is open; a closed one is drawn broken. */
  open: boolean;
}

/** The way from a person to a file: a card for each stop, and a line between them; beside each other, or on a narrow screen below. */
export function PathPicture({ steps, open }: Props) {
  return (
    <div aria-hidden="true" className="flex flex-col sm:flex-row sm:items-stretch">
      {steps.map((step, at) => (
        <div key={at} className="contents">
          {at > 0 && <Between open={open} />}
          <div
            className={`flex min-w-0 items-center gap-3 rounded-[8px] border bg-sheet p-3 sm:flex-1 sm:flex-col sm:justify-center sm:text-center ${
              open ? 'border-rule-strong' : 'border-dashed border-rule-strong'
            }`}
          >
            <svg viewBox="0 0 20 20" className="size-8 shrink-0 text-ink-soft">
              <path
                d={DRAWN[kindOf(step)]}
                fill="none"
                stroke="currentColor"
                strokeWidth="1.4"
                strokeLinecap="round"
                strokeLinejoin="round"
              />
            </svg>
            <div className="min-w-0">
              <p className="text-sm text-ink-soft">{t(`admin.step.${kindOf(step)}`)}</p>
              <p className="text-[0.9375rem] font-semibold wrap-anywhere">{nameOf(step)}</p>
            </div>
          </div>
        </div>
      ))}
    </div>
  );
}

/** An arrow to the next stop, downwards or onwards; crossed out where there is no way. */
function Between({ open }: { open: boolean }) {
  return (
    <svg
      viewBox="0 0 32 20"
      className={`my-1 h-6 w-10 shrink-0 rotate-90 self-center sm:m-0 sm:rotate-0 rtl:sm:rotate-180 ${
        open ? 'text-ink' : 'text-danger'
      }`}
    >
      <path
        d={open ? 'M3 10H28M22 4.5 28 10l-6 5.5' : 'M3 10H10M22 10H29M12.5 5.5l7 9M19.5 5.5l-7 9'}
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
