import './mantine.css';
import './style.css';
import { createTheme, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { beginSession, queryClient } from './api/queries';
import type { Session } from './api/types';
import { router } from './router';

export { enterSession } from './api/queries';

const theme = createTheme({ cursorType: 'pointer', defaultRadius: 'md' });

/** @param session of whom it is opened for, which was asked for before all this was there */
export function open(session: Promise<Session | null>): void {
  beginSession(session);
  const root = document.getElementById('root');
  if (root)
    createRoot(root).render(
      <StrictMode>
        {/* Variables and classes are in files: the policy of the page allows no style in it. */}
        <MantineProvider
          theme={theme}
          defaultColorScheme="auto"
          withCssVariables={false}
          withGlobalClasses={false}
        >
          <QueryClientProvider client={queryClient}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </MantineProvider>
      </StrictMode>,
    );
}
