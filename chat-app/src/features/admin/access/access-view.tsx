import { Icon } from '@/components/ui/icon';
import type { Access, AccessPath } from '@/features/admin/access/get-access';
import { PathPicture } from '@/features/admin/access/path-picture';
import { pathInWords } from '@/features/admin/access/path-in-words';
import { formatInstant } from '@/lib/intl';
import { t } from '@/lib/messages';

/** The verdict, the reason for it, and every way from the person to the file, drawn. */
export function AccessView({ access }: { access: Access }) {
  const { file, person, readable, reason, decided_by: by, paths } = access;
  return (
    <>
      <div
        className={`border-s-3 px-4 py-3 ${readable ? 'border-accent bg-well' : 'border-danger bg-danger-wash'}`}
      >
        <p className={`flex items-start gap-2 font-bold ${readable ? '' : 'text-danger'}`}>
          <Icon name={readable ? 'check' : 'close'} className="mt-0.5 size-5" />
          <span className="min-w-0 wrap-anywhere">
            {readable ? t('admin.access.can', { person, file }) : t('admin.access.cannot', { person, file })}
          </span>
        </p>
        <p className="mt-1">{reason}</p>
        <p className="mt-1 text-[0.9375rem] text-ink-soft">
          {t(by === 'drive' ? 'admin.access.byDrive' : 'admin.access.byRecords')}
        </p>
      </div>
      <h2 className="mt-8 text-xl font-bold">{t('admin.access.paths', { count: paths.length })}</h2>
      {paths.length === 0 ? (
        <figure className="mt-4">
          <PathPicture
            steps={[
              { kind: 'person', name: person, id: null },
              { kind: 'file', name: file, id: null },
            ]}
            open={false}
          />
          <figcaption className="mt-3 text-ink-soft">{t('admin.access.noPath')}</figcaption>
        </figure>
      ) : (
        <ul className="mt-4 space-y-8">
          {paths.map((path, at) => (
            <li key={at}>
              <figure>
                <PathPicture steps={path.steps} open={path.valid} />
                <figcaption className="mt-3 text-[0.9375rem]">
                  <p>{pathInWords(path)}</p>
                  <p className="text-ink-soft">{termsOf(path)}</p>
                </figcaption>
              </figure>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** As what, until when, and whether it can be found without the link. */
function termsOf({ role, expires, valid, findable }: AccessPath): string {
  const until = expires === null ? '' : formatInstant(expires);
  return [
    t('admin.access.role', { role }),
    until !== '' && t(valid ? 'admin.access.until' : 'admin.access.expired', { until }),
    !findable && t('admin.access.linkOnly'),
  ]
    .filter(Boolean)
    .join(' · ');
}
