import '@/styles/index.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from '@/app/app';
import { Providers } from '@/app/providers';
import { preferredLanguage, switchLanguage } from '@/lib/messages';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

await switchLanguage(preferredLanguage());

createRoot(root).render(
  <StrictMode>
    <Providers>
      <App />
    </Providers>
  </StrictMode>,
);
