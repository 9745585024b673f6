import { fileURLToPath } from 'node:url';

import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

import { messages } from './build/messages-plugin.js';

const API_ROUTES = [
  '/audit',
  '/auth',
  '/cache',
  '/chat',
  '/collections',
  '/cost',
  '/files',
  '/folders',
  '/health',
  '/ingest',
  '/metrics',
  '/stats',
];
const apiServer = process.env['DOCENT_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [messages(), react(), tailwindcss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(API_ROUTES.map((route) => [route, { target: apiServer }])),
  },
  build: {
    // The gateway's content security policy refuses data: URLs for fonts and scripts.
    assetsInlineLimit: 0,
    reportCompressedSize: true,
    rolldownOptions: {
      output: {
        // What every page needs comes in two files, not in thirty.
        codeSplitting: {
          groups: [
            {
              name: 'vendor',
              test: /node_modules\/(?:react|react-dom|scheduler|@tanstack|wouter|regexparam|use-sync-external-store|valibot|@lingui)\//,
            },
            {
              name: 'frame',
              test: /src\/(?:lib|config|components\/ui\/(?!modal|choices|tree-row|move-among-rows)|features\/auth\/(?!components\/account-popup))/,
            },
          ],
        },
      },
    },
  },
  test: {
    restoreMocks: true,
    projects: [
      // What is plain TypeScript is tested without a page.
      {
        extends: true,
        test: {
          name: 'plain',
          environment: 'node',
          include: ['src/**/*.test.ts'],
          setupFiles: ['src/testing/english.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'page',
          environment: 'jsdom',
          include: ['src/**/*.test.tsx'],
          testTimeout: 120_000,
          setupFiles: ['src/testing/setup.ts'],
        },
      },
    ],
  },
});
