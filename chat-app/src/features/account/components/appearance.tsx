import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { Choices } from '@/components/ui/choices';
import { Section } from '@/components/ui/section';
import { LANGUAGES, PSEUDO, type Language } from '@/config/languages';
import { currentLanguage, switchLanguage, t } from '@/lib/messages';
import { writePreference } from '@/lib/preferences';
import { readTheme, THEMES, writeTheme } from '@/lib/theme';

const LANGUAGE_CHOICES: { value: Language; text: string; lang: string }[] = LANGUAGES.map(({ id, name }) => ({
  value: id,
  text: name,
  lang: id,
}));

/** How the page looks and speaks, in this browser. */
export function Appearance() {
  const [theme, setTheme] = useState(readTheme);
  const choosing = useMutation({
    mutationFn: switchLanguage,
    onSuccess: (_, id) => {
      if (id !== PSEUDO) writePreference('language', id);
    },
  });
  return (
    <Section title={t('settings.appearance')}>
      <div className="flex flex-col gap-6">
        <Choices
          legend={t('settings.theme')}
          value={theme}
          choices={THEMES.map((value) => ({ value, text: t(`settings.theme.${value}`) }))}
          onChoose={(chosen) => {
            setTheme(chosen);
            writeTheme(chosen);
          }}
        />
        <Choices
          legend={t('settings.language')}
          value={currentLanguage() as Language}
          choices={LANGUAGE_CHOICES}
          onChoose={(id) => {
            choosing.mutate(id);
          }}
        />
        {choosing.isError && (
          <p role="alert" className="text-danger">
            {t('settings.languageFailed')}
          </p>
        )}
      </div>
    </Section>
  );
}
