import { percent } from '@/features/admin/format';

interface Props {
  /** What is shared out, for instance by model. */
  shares: readonly { name: string; amount: number }[];
  format: (amount: number) => string;
}

/** Parts of a whole, the largest first, each with its number; the bars only repeat them. */
export function ShareBars({ shares, format }: Props) {
  const whole = shares.reduce((sum, { amount }) => sum + amount, 0);
  return (
    <ul className="space-y-3">
      {[...shares]
        .sort((one, other) => other.amount - one.amount)
        .map(({ name, amount }) => {
          const share = whole > 0 ? amount / whole : 0;
          return (
            <li key={name}>
              <p className="flex justify-between gap-4 text-[0.9375rem] tabular-nums">
                <span className="min-w-0 wrap-anywhere">{name}</span>
                <span className="shrink-0">
                  <span className="font-semibold">{format(amount)}</span>{' '}
                  <span className="text-ink-soft">{percent(share)}</span>
                </span>
              </p>
              <ShareBar share={share} />
            </li>
          );
        })}
    </ul>
  );
}

/** A share of 1 as a bar; what it means stands beside it in words. */
export function ShareBar({ share }: { share: number }) {
  return (
    <svg className="mt-1 h-2 w-full rtl:-scale-x-100" aria-hidden="true">
      <rect width="100%" height="100%" rx="2" className="fill-well" />
      <rect
        width={`${Math.min(100, Math.max(0, share * 100)).toFixed(1)}%`}
        height="100%"
        rx="2"
        className="fill-rule-strong"
      />
    </svg>
  );
}
