import { buttonClass } from '@/components/ui/button';
import { paths } from '@/config/paths';
import { GoogleMark } from '@/features/auth/components/google-mark';

/** Leaves for Google's sign-in and comes back to the page. */
export function SignInLink({ label }: { label: string }) {
  return (
    <a
      className={buttonClass('outline', 'min-h-12 px-5')}
      href={paths.login(location.pathname + location.search)}
    >
      <GoogleMark />
      {label}
    </a>
  );
}
