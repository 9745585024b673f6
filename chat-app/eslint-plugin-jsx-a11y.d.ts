declare module 'eslint-plugin-jsx-a11y' {
  import type { ESLint, Linter } from 'eslint';

  const plugin: {
    flatConfigs: { strict: { plugins: Record<string, ESLint.Plugin>; rules: Linter.RulesRecord } };
  };
  export default plugin;
}
