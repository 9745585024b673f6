import { Link, useLocation } from 'wouter';

import { Icon, type IconName } from '@/components/ui/icon';

interface Props {
  href: string;
  icon: IconName;
  text: string;
  onChosen: () => void;
}

/** One of the frame's places to go. */
export function NavLink({ href, icon, text, onChosen }: Props) {
  const [path] = useLocation();
  const here = path === href || path.startsWith(`${href}/`);
  return (
    <li>
      <Link
        href={href}
        aria-current={here ? 'page' : undefined}
        className="flex min-h-10 items-center gap-2.5 rounded-[6px] px-2.5 text-[0.9375rem] text-ink-soft hover:bg-well hover:text-ink aria-[current]:bg-well aria-[current]:font-semibold aria-[current]:text-ink"
        onClick={onChosen}
      >
        <Icon name={icon} />
        {text}
      </Link>
    </li>
  );
}
