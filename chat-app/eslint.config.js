import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import checkFile from 'eslint-plugin-check-file';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/**
 * @param {string[]} group
 * @param {string} message
 * @returns {import('eslint').Linter.RulesRecord}
 */
const forbid = (group, message) => ({
  'no-restricted-imports': [
    'error',
    {
      patterns: [
        { group, message },
        { regex: '^\\.\\./', message: 'Say @/... for another folder.' },
      ],
    },
  ],
});

const FEATURES = ['account', 'admin', 'auth', 'chat', 'conversations', 'drive', 'sources'];

export default defineConfig(
  { ignores: ['dist', 'public', 'src/lib/wire.gen.ts'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  { languageOptions: { parserOptions: { projectService: true } } },
  { rules: { '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }] } },
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { 'check-file': checkFile },
    rules: {
      'check-file/filename-naming-convention': [
        'error',
        { 'src/**/*.{ts,tsx}': 'KEBAB_CASE' },
        { ignoreMiddleExtensions: true },
      ],
      'check-file/folder-naming-convention': ['error', { 'src/**/': 'KEBAB_CASE' }],
      'no-restricted-globals': ['error', 'localStorage'],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['src/**/*.tsx'],
    ignores: ['**/*.test.tsx'],
    plugins: { 'react-hooks': { rules: reactHooks.rules }, ...jsxA11y.flatConfigs.strict.plugins },
    rules: {
      ...reactHooks.configs.recommended.rules,
      ...jsxA11y.flatConfigs.strict.rules,
      // What scrolls must be reachable by keyboard; such regions are named groups.
      'jsx-a11y/no-noninteractive-tabindex': ['error', { roles: ['group'] }],
      'max-lines': ['error', { max: 150 }],
      'no-restricted-syntax': [
        'error',
        {
          selector: "JSXAttribute[name.name='style']",
          message: 'Style by class: the page allows no inline style.',
        },
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: 'Documents and models are not trusted.',
        },
        ...[
          'JSXText[value=/\\p{L}/u]',
          'JSXAttribute[name.name=/^(?:aria-label|alt|label|placeholder|text|title)$/] > Literal[value=/\\p{L}/u]',
          ':matches(JSXElement, JSXFragment) > JSXExpressionContainer Literal[value=/^\\p{Lu}\\p{Ll}+ /u]',
          ':matches(JSXElement, JSXFragment) > JSXExpressionContainer > TemplateLiteral > TemplateElement[value.raw=/\\p{L}/u]',
        ].map((selector) => ({ selector, message: 'What people read comes from src/messages: t(key).' })),
      ],
    },
  },
  // One way only: config, lib, components -> features -> app. Features do not know each other.
  {
    files: ['src/{config,lib,components}/**'],
    rules: forbid(['@/features/*', '@/app/*'], 'Shared code knows no feature and no page.'),
  },
  ...FEATURES.map((feature) => ({
    files: [`src/features/${feature}/**`],
    rules: forbid(
      ['@/app/*', ...FEATURES.filter((other) => other !== feature).map((other) => `@/features/${other}/**`)],
      'Features do not import each other or the app; join them in src/app.',
    ),
  })),
  {
    files: ['src/lib/preferences.ts', 'public/**', '**/*.test.{ts,tsx}', 'src/testing/**'],
    rules: { 'no-restricted-globals': 'off' },
  },
  { files: ['**/*.test.{ts,tsx}', 'src/testing/**'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['mock/**', 'build/**', 'e2e/**', '*.config.{js,ts}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        document: 'readonly',
        Buffer: 'readonly',
        performance: 'readonly',
        requestAnimationFrame: 'readonly',
        PerformanceObserver: 'readonly',
        MutationObserver: 'readonly',
      },
    },
  },
);
