import { Component, type ReactNode } from 'react';

import { MessagePage } from '@/app/message-page';
import { Button } from '@/components/ui/button';

interface State {
  failed: boolean;
}

/** The last resort: a page that broke says so and offers a fresh start. A draft survives the reload. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { failed: false };

  static getDerivedStateFromError(): State {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <MessagePage title="This page broke" text="That is our mistake, not yours. What you typed is kept.">
        <Button
          variant="solid"
          onClick={() => {
            location.reload();
          }}
        >
          Reload the page
        </Button>
      </MessagePage>
    );
  }
}
