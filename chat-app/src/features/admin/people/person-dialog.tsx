import { useState } from 'react';

import { Button } from '@/components/ui/button';
import { Choices } from '@/components/ui/choices';
import { Modal } from '@/components/ui/modal';
import { Failed } from '@/features/admin/components/failed';
import { Field } from '@/features/admin/components/field';
import { useChangePerson, type Someone } from '@/features/admin/people/get-people';
import { changesOf, formOf, isChanged, wrongLimits } from '@/features/admin/people/person-changes';
import { t } from '@/lib/messages';

interface Props {
  someone: Someone;
  onClose: () => void;
}

/** Role, tier and limits of somebody. What is sent is said before it is sent: a new administrator is asked about again. */
export function PersonDialog({ someone, onClose }: Props) {
  const [form, setForm] = useState(() => formOf(someone));
  const [sure, setSure] = useState(false);
  const changing = useChangePerson(someone.subject);
  const changes = changesOf(someone, form);
  const wrong = wrongLimits(form);
  const role = changes.standing.role;
  const ready =
    isChanged(changes) && wrong.length === 0 && (role === undefined || sure) && !changing.isPending;
  return (
    <Modal title={t('admin.person.title')} text={someone.email} onClose={onClose}>
      <form
        className="space-y-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) changing.mutate(changes, { onSuccess: onClose });
        }}
      >
        <Choices
          legend={t('admin.person.role')}
          value={form.role}
          choices={(['user', 'admin'] as const).map((value) => ({ value, text: t(`admin.role.${value}`) }))}
          onChoose={(chosen) => {
            setSure(false);
            setForm({ ...form, role: chosen });
          }}
        />
        <Choices
          legend={t('admin.person.tier')}
          value={form.tier}
          choices={(['standard', 'premium'] as const).map((value) => ({
            value,
            text: t(`admin.tier.${value}`),
          }))}
          onChoose={(tier) => {
            setForm({ ...form, tier });
          }}
        />
        <fieldset>
          <legend className="mb-1 font-semibold">{t('admin.person.limits')}</legend>
          <p className="mb-3 text-[0.9375rem] text-ink-soft">{t('admin.person.limitsText')}</p>
          <div className="grid grid-cols-2 gap-3">
            {(['minute', 'hour', 'day', 'budget_dollars'] as const).map((limit) => (
              <Field
                key={limit}
                label={t(`admin.limit.${limit}`)}
                inputMode={limit === 'budget_dollars' ? 'decimal' : 'numeric'}
                autoComplete="off"
                aria-invalid={wrong.includes(limit)}
                value={form.limits[limit]}
                onChange={(text) => {
                  setForm({ ...form, limits: { ...form.limits, [limit]: text } });
                }}
              />
            ))}
          </div>
          {wrong.length > 0 && (
            <p role="alert" className="mt-2 text-[0.9375rem] text-danger">
              {t('admin.person.wrong')}
            </p>
          )}
        </fieldset>
        {role !== undefined && (
          <label className="flex gap-2.5">
            <input
              type="checkbox"
              className="mt-1 size-4.5 shrink-0"
              checked={sure}
              onChange={(event) => {
                setSure(event.target.checked);
              }}
            />
            {t(role === 'admin' ? 'admin.person.sureAdmin' : 'admin.person.sureUser')}
          </label>
        )}
        <Failed error={changing.error} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button variant="outline" onClick={onClose}>
            {t('app.cancel')}
          </Button>
          <Button variant="solid" type="submit" aria-disabled={!ready}>
            {t('admin.person.save')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
